import { isSignInRequired } from 'latchkey';
import type { RequestHandler } from './$types';

/** Hands the orders on. */
export const GET: RequestHandler = async ({ locals }) => {
  try {
    return Response.json(await locals.api.get('orders').json());
  } catch (error) {
    if (isSignInRequired(error)) return Response.json({ error: 'sign-in-required' }, { status: 401 });
    return Response.json({ error: 'orders-unavailable' }, { status: 502 });
  }
};
