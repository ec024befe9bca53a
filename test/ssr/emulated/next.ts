// Next.js 16 as its route handlers and server components see it: `cookies()` of the request under way, which only a route
// handler may write and only until it has returned, and `redirect`, which throws.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Jar } from './jar.js';

interface Work {
  readonly jar: Jar;
  readonly phase: 'action' | 'render';
}

const work = new AsyncLocalStorage<Work>();

class Redirect extends Error {
  readonly path: string;
  constructor(path: string) {
    super('NEXT_REDIRECT');
    this.path = path;
  }
}

/** `next/headers`. */
export async function cookies() {
  const { jar, phase } = work.getStore() ?? {};
  if (!jar) throw new Error('`cookies` was called outside a request scope');
  const mutable = () => {
    if (phase === 'render')
      throw new Error('Cookies can only be modified in a Server Action or Route Handler');
  };
  return {
    get(name: string) {
      const value = jar.get(name);
      return value === undefined ? undefined : { name, value };
    },
    set(name: string, value: string, options?: object) {
      mutable();
      jar.set(name, value, options);
    },
    delete(name: string) {
      mutable();
      jar.set(name, '', { maxAge: 0 });
    },
  };
}

/** `next/navigation`. */
export function redirect(path: string): never {
  throw new Redirect(path);
}

/** Runs a route handler: what is set after it has returned reaches nobody. */
export function route(handler: (request: Request) => Promise<Response>, request: Request): Promise<Response> {
  const jar = new Jar(request);
  return work.run({ jar, phase: 'action' }, async () => {
    const made = await handler(request).catch((thrown: unknown) => {
      if (thrown instanceof Redirect)
        return new Response(null, { status: 307, headers: { Location: thrown.path } });
      throw thrown;
    });
    const headers = new Headers(made.headers);
    for (const line of jar.lines) headers.append('Set-Cookie', line);
    return new Response(made.body, { status: made.status, headers });
  });
}

/** Renders a page: its elements as JSON, or where it redirects to. */
export function render(
  page: (props: { searchParams: Promise<Record<string, string>> }) => Promise<unknown>,
  request: Request,
): Promise<Response> {
  const searchParams = Promise.resolve(Object.fromEntries(new URL(request.url).searchParams));
  return work.run({ jar: new Jar(request), phase: 'render' }, () =>
    page({ searchParams }).then(
      (element) => Response.json(element),
      (thrown: unknown) => {
        if (thrown instanceof Redirect)
          return new Response(null, { status: 307, headers: { Location: thrown.path } });
        throw thrown;
      },
    ),
  );
}
