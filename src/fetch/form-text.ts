import type { Init } from './enter.js';
import { lineOf, linesOf } from './headers.js';
import { isParams } from './repeatable.js';

/** whatwg-fetch, which is React Native's, says what it is, and keeps in a Request what it was made of. */
interface Polyfill {
  readonly polyfill?: unknown;
}
interface Polyfilled {
  readonly _bodyInit?: BodyInit | null;
}

/** The init with URLSearchParams as text where the platform would send nothing instead: React Native. */
export function withFormText(request: Request | undefined, init: Init): Init {
  const inside = (request as Polyfilled | undefined)?._bodyInit;
  const body = init?.body ?? inside;
  if (!body || !isParams(body) || !(inside || (globalThis.fetch as Polyfill | undefined)?.polyfill))
    return init;
  const headers = init?.headers ?? request?.headers;
  const lines = headers && linesOf(headers);
  const typed = lineOf(lines, 'content-type') === undefined;
  return {
    ...init,
    body: String(body),
    ...(typed && {
      headers: { ...lines, 'Content-Type': 'application/x-www-form-urlencoded;charset=UTF-8' },
    }),
  };
}
