import { redirect } from '@sveltejs/kit';
import { authorizationCode } from 'latchkey/oauth';
import { seal } from '../../../../../server/seal';
import { cookieOptions, idp, TRANSACTION } from '../../../../../server/session';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async ({ cookies, locals, url }) => {
  const login = authorizationCode(locals.session, idp, { redirectUri: `${url.origin}/auth/callback` });
  const { url: page, transaction } = await login.begin();
  cookies.set(TRANSACTION, await seal(transaction), { ...cookieOptions, maxAge: 3_600 });
  redirect(303, page);
};
