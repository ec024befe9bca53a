import type { Credentials } from '../protocol/credentials.js';
import type { Target } from '../schemes/scheme.js';
import type { Corridor } from './corridor.js';
import { isHeaders, type Lines, lineOf } from './headers.js';
import type { Payload } from './repeatable.js';
import { Rest } from './rest.js';

/** One call of the auth fetch, and what schemes see of it: one object, because every call makes one. */
export class Call implements Target {
  readonly corridor: Corridor;
  /** What fetch is given: text, or the Request. */
  input: string | Request;
  url: string;
  /** The caller's, until something is sent; then our own copy, without the credentials. */
  init: RequestInit | undefined;
  begun: unknown = undefined;
  /** The scheme whose turn it was, by its place in the user's order. */
  via = 0;
  sent: Credentials | undefined = undefined;
  /** What only calls need that are more than text and a fresh token; null: sent without it. */
  rest: Rest | null | undefined = undefined;

  constructor(corridor: Corridor, input: string | Request, url: string, init: RequestInit | undefined) {
    this.corridor = corridor;
    this.input = input;
    this.url = url;
    this.init = init;
  }

  get request(): Request | undefined {
    return typeof this.input === 'string' ? undefined : this.input;
  }

  get method(): string {
    const method = this.init?.method ?? this.request?.method ?? 'GET';
    return /^(?:get|head|post|put|delete|options)$/i.test(method) ? method.toUpperCase() : method;
  }

  get signal(): AbortSignal | null | undefined {
    return this.init?.signal ?? this.request?.signal;
  }

  get payload(): Payload | undefined {
    return this.keep().grasp();
  }

  get body(): Target['body'] {
    const { request, payload } = this;
    if (payload !== undefined) return payload.bytes;
    const kept = request === undefined ? undefined : this.rest?.keepCopy(request);
    return kept === undefined ? 'none' : async () => new Uint8Array(await kept.clone().arrayBuffer());
  }

  get headers(): Target['headers'] {
    const get = (name: string): string | null => {
      const { init, request, payload } = this;
      const given = init?.headers;
      const own = given ? valueIn(given, name) : request?.headers.get(name);
      if (own !== undefined && own !== null) return own;
      return name.toLowerCase() === 'content-type' ? (payload?.contentType ?? null) : null;
    };
    return { get, has: (name) => get(name) !== null };
  }

  /** Takes hold of what a replay needs, before the first await. */
  keep(): Rest {
    this.rest ??= new Rest(this, this.rest === null ? 1 : 0);
    return this.rest;
  }
}

function valueIn(given: HeadersInit, name: string): string | null | undefined {
  return isHeaders(given) ? (given as Headers).get(name) : lineOf(given as Lines, name);
}
