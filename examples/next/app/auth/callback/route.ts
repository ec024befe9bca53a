import { authorizationCode } from 'latchkey/oauth';
import { cookies } from 'next/headers';
import { unseal } from '../../../../server/seal';
import { idp, TRANSACTION } from '../../../../server/session';
import { withSession } from '../../session';

/** Signs in with the code: the session is in the cookie when the browser goes on. */
export const GET = (request: Request): Promise<Response> =>
  withSession(async ({ session }) => {
    const jar = await cookies();
    const transaction = await unseal(jar.get(TRANSACTION)?.value ?? '');
    jar.delete(TRANSACTION);
    const login = authorizationCode(session, idp, {
      redirectUri: new URL('/auth/callback', request.url).href,
    });
    await login.finish(request.url, transaction ?? '');
    return new Response(null, { status: 303, headers: { Location: '/orders' } });
  });
