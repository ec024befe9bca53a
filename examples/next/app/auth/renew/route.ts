import { isAuthError, isSignInRequired } from 'latchkey';
import { ownPath } from '../../../../server/session';
import { withSession } from '../../session';

/** Renews for a page that could not, and sends back there. */
export const GET = (request: Request): Promise<Response> =>
  withSession(async ({ session }) => {
    const to = ownPath(new URL(request.url).searchParams.get('to'));
    try {
      await session.refresh();
      return new Response(null, { status: 303, headers: { Location: `${to}?renewed=1` } });
    } catch (error) {
      if (isSignInRequired(error))
        return new Response(null, { status: 303, headers: { Location: '/auth/login' } });
      if (!isAuthError(error)) throw error;
      return new Response('Not now. Your session is safe: try again.', { status: 503 });
    }
  });
