import { redirect } from '@sveltejs/kit';
import { authorizationCode } from 'latchkey/oauth';
import { unseal } from '../../../../../server/seal';
import { idp, TRANSACTION } from '../../../../../server/session';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async ({ cookies, locals, url }) => {
  const transaction = await unseal(cookies.get(TRANSACTION) ?? '');
  cookies.delete(TRANSACTION, { path: '/' });
  const login = authorizationCode(locals.session, idp, { redirectUri: `${url.origin}/auth/callback` });
  await login.finish(url, transaction ?? '');
  redirect(303, '/orders');
};
