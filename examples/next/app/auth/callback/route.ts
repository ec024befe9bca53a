import { isSignInRequired } from 'latchkey';
import { authorizationCode } from 'latchkey/oauth';
import { cookies } from 'next/headers';
import { unseal } from '../../../../server/seal';
import { idp, redirectUri, TRANSACTION } from '../../../../server/session';
import { withSession } from '../../session';

/** Signs in with the code: the session is in the cookie when the browser goes on. */
export const GET = (request: Request): Promise<Response> =>
  withSession(async ({ session }) => {
    const jar = await cookies();
    const transaction = await unseal(jar.get(TRANSACTION)?.value ?? '');
    jar.delete(TRANSACTION);
    const login = authorizationCode(session, idp, { redirectUri });
    const to = await login.finish(request.url, transaction ?? '').then(
      () => '/orders',
      (error: unknown) => {
        if (isSignInRequired(error)) return '/'; // the user said no, or it is not the answer to our question
        throw error;
      },
    );
    return new Response(null, { status: 303, headers: { Location: to } });
  });
