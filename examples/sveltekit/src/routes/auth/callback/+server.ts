import { redirect } from '@sveltejs/kit';
import { isSignInRequired } from 'latchkey';
import { authorizationCode } from 'latchkey/oauth';
import { unseal } from '../../../../../server/seal';
import { idp, redirectUri, TRANSACTION } from '../../../../../server/session';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async ({ cookies, locals, url }) => {
  const transaction = await unseal(cookies.get(TRANSACTION) ?? '');
  cookies.delete(TRANSACTION, { path: '/' });
  const login = authorizationCode(locals.session, idp, { redirectUri });
  const to = await login.finish(url, transaction ?? '').then(
    () => '/orders',
    (error: unknown) => {
      if (isSignInRequired(error)) return '/'; // the user said no, or it is not the answer to our question
      throw error;
    },
  );
  redirect(303, to);
};
