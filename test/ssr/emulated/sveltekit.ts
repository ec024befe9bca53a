// SvelteKit 3 as hooks, `load` and endpoints see it: `event.cookies`, whose cookies are put on the response when `resolve`
// has made it, and `redirect`, which throws.
import type { Handle, RequestEvent } from '@sveltejs/kit';
import { Jar, line } from './jar.js';

class Redirect {
  readonly status: number;
  readonly location: string;
  constructor(status: number, location: string) {
    this.status = status;
    this.location = location;
  }
}

export function redirect(status: number, location: string): never {
  if (!/^\/(?![/\\])/.test(location)) throw new Error('An external location is not allowed');
  throw new Redirect(status, location);
}

/** A route: an endpoint's Response, or the data that a `load` returns. */
export type Route = (event: RequestEvent) => Promise<unknown>;

/** Answers as the server does: `handle` around the route. */
export async function respond(
  handle: Handle,
  routes: Readonly<Record<string, Route>>,
  request: Request,
): Promise<Response> {
  const url = new URL(request.url);
  const jar = new Jar(request);
  const cookies = {
    get: (name: string) => jar.get(name),
    set: (name: string, value: string, options: object) => jar.set(name, value, options),
    delete: (name: string, options: object) => jar.set(name, '', { ...options, maxAge: 0 }),
    serialize: (name: string, value: string, options: object) => line(name, value, { ...options }),
  };
  const event: RequestEvent = { request, url, cookies, locals: {} as App.Locals };
  try {
    return await handle({
      event,
      resolve: async (of) => {
        const response = await routed(routes[`${request.method} ${url.pathname}`], of);
        for (const set of jar.lines) response.headers.append('Set-Cookie', set);
        return response;
      },
    });
  } finally {
    cookies.set = () => {
      throw new Error('Cannot use `cookies.set(...)` after the response has been generated');
    };
  }
}

async function routed(route: Route | undefined, event: RequestEvent): Promise<Response> {
  if (!route) return new Response('Not found', { status: 404 });
  try {
    const made = await route(event);
    return made instanceof Response ? made : Response.json(made);
  } catch (thrown) {
    if (!(thrown instanceof Redirect)) return new Response('Internal Error', { status: 500 });
    return new Response(null, { status: thrown.status, headers: { Location: thrown.location } });
  }
}
