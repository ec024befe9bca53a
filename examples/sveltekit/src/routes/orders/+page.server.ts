import { redirect } from '@sveltejs/kit';
import { isSignInRequired } from 'latchkey';
import type { PageServerLoad } from './$types';

/** `load` on the server refreshes where it must: the hook sets the cookie. */
export const load: PageServerLoad = async ({ locals }) => {
  try {
    return { orders: await locals.api.get('orders').json<{ id: string }[]>() };
  } catch (error) {
    if (isSignInRequired(error)) redirect(303, '/auth/login');
    throw error;
  }
};
