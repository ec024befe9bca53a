import { authorizationCode } from 'latchkey/oauth';
import { cookies } from 'next/headers';
import { seal } from '../../../../server/seal';
import { cookieOptions, idp, redirectUri, TRANSACTION } from '../../../../server/session';
import { withSession } from '../../session';

/** Sends to the authorization server; what belongs to the answer waits in a cookie of this browser. */
export const GET = (): Promise<Response> =>
  withSession(async ({ session }) => {
    const login = authorizationCode(session, idp, { redirectUri });
    const { url, transaction } = await login.begin();
    (await cookies()).set(TRANSACTION, await seal(transaction), { ...cookieOptions, maxAge: 3_600 });
    return new Response(null, { status: 303, headers: { Location: url } });
  });
