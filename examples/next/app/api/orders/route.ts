import { isSignInRequired } from 'latchkey';
import { withSession } from '../../session';

/** Hands the orders on: refreshes where it must. */
export const GET = (): Promise<Response> =>
  withSession(async ({ api }) => {
    try {
      return Response.json(await api.get('orders').json());
    } catch (error) {
      if (isSignInRequired(error)) return Response.json({ error: 'sign-in-required' }, { status: 401 });
      return Response.json({ error: 'orders-unavailable' }, { status: 502 });
    }
  });
