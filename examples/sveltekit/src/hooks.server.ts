import type { Handle } from '@sveltejs/kit';
import { cookieOptions, forRequest, SESSION } from '../../server/session';

/** Gives every request its own session. SvelteKit takes no cookie after `resolve`, so what was renewed is set here. */
export const handle: Handle = async ({ event, resolve }) => {
  const { session, api, settle } = forRequest(event.cookies.get(SESSION));
  Object.assign(event.locals, { session, api });
  const made = await resolve(event);
  const cookie = await settle();
  if (cookie === undefined) return made;
  const response = new Response(made.body, made);
  response.headers.append('Set-Cookie', event.cookies.serialize(SESSION, cookie, cookieOptions));
  return response;
};
