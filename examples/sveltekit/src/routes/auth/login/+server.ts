import { authorizationCode } from 'latchkey/oauth';
import { seal } from '../../../../../server/seal';
import { cookieOptions, idp, redirectUri, TRANSACTION } from '../../../../../server/session';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async ({ cookies, locals }) => {
  const login = authorizationCode(locals.session, idp, { redirectUri });
  const { url, transaction } = await login.begin();
  cookies.set(TRANSACTION, await seal(transaction), { ...cookieOptions, maxAge: 3_600 });
  // `redirect` is for paths of this site
  return new Response(null, { status: 303, headers: { Location: url } });
};
