import type { Credentials } from '../protocol/credentials.js';
import type { Target } from '../schemes/scheme.js';
import type { Corridor } from './corridor.js';
import { type Lines, lineOf, linesOf } from './headers.js';
import { Rest } from './rest.js';

/** One call of the auth fetch, and what schemes see of it: one object, because every call makes one. */
export class Call implements Target {
  readonly corridor: Corridor;
  /** What fetch is given, unless that is text. */
  request: Request | undefined;
  url: string;
  /** The caller's, until something is sent; then our own copy, without the credentials. */
  init: RequestInit | undefined;
  begun: unknown = undefined;
  /** The scheme whose turn it was, by its place in the user's order. */
  via = 0;
  sent: Credentials | undefined = undefined;
  /** What only calls need that are more than text and a fresh token; null: sent without it. */
  rest: Rest | null | undefined = undefined;

  constructor(corridor: Corridor, request: Request | undefined, url: string, init: RequestInit | undefined) {
    this.corridor = corridor;
    this.request = request;
    this.url = url;
    this.init = init;
  }

  get method(): string {
    const method = this.init?.method ?? this.request?.method ?? 'GET';
    return /^(?:get|head|post|put|delete|options)$/i.test(method) ? method.toUpperCase() : method;
  }

  get signal(): AbortSignal | null | undefined {
    return this.init?.signal ?? this.request?.signal;
  }

  /** What the caller has set, on the Request too. */
  get lines(): Lines | undefined {
    const headers = this.init?.headers;
    return headers ? linesOf(headers) : this.rest?.lines;
  }

  get body(): Target['body'] {
    const rest = this.keep();
    const payload = rest.grasp();
    if (payload !== undefined) return payload.bytes;
    const kept = this.request && rest.keepCopy(this.request);
    return kept === undefined ? 'none' : async () => new Uint8Array(await kept.clone().arrayBuffer());
  }

  get headers(): Target['headers'] {
    const get = (name: string): string | null => {
      const type = this.keep().grasp()?.contentType;
      const own = lineOf(this.lines, name);
      return own ?? (name.toLowerCase() === 'content-type' ? type : undefined) ?? null;
    };
    return { get, has: (name) => get(name) !== null };
  }

  /** Takes hold of what a replay needs, before the first await. */
  keep(): Rest {
    this.rest ??= new Rest(this, this.rest === null ? 1 : 0);
    return this.rest;
  }
}
