/** What a realm counts. `held`: waiting at a gate now; `closed`: connections that ended before their answer did. */
export interface Counts {
  requests: number;
  refused: number;
  accepted: number;
  /** Requests to the token endpoint. */
  tokens: number;
  /** Refresh tokens that were used twice: each ended a sign-in. */
  reuse: number;
  revocations: number;
  held: number;
  preflights: number;
  closed: number;
}

/** One request as the server saw it; the body as text, as bytes in hex, and as a hash where it is large. */
export interface Entry {
  readonly method: string;
  /** Below the realm, with the query. */
  readonly path: string;
  readonly origin: 'main' | 'other' | 'control';
  readonly status: number;
  readonly accepted: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly hex: string;
  readonly sha256: string;
}

/** What the token endpoint says instead of tokens, once each; 'drop': the connection ends without an answer. */
export type ScriptedAnswer =
  | 'drop'
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };

export interface RealmOptions {
  /** Seconds; null: the answer does not say. @default 3_600 */
  readonly expiresIn?: number | null;
  /** @default true */
  readonly rotate?: boolean;
  /** CORS hides WWW-Authenticate. */
  readonly hidden?: boolean;
  readonly script?: readonly ScriptedAnswer[];
  /** Tokens are bound to the key of the proof. */
  readonly dpop?: boolean;
  /** Tokens are HttpOnly cookies. */
  readonly cookies?: boolean;
  /** The nonce of Digest or DPoP. */
  readonly nonce?: string;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: string;
  readonly expires_in?: number;
}

/** A world of its own on the server, for one case. */
export interface Realm {
  /** Ends without a slash: `${url}/api/x`, `${url}/token`, … */
  readonly url: string;
  /** The same at another origin. */
  readonly other: string;
  /** Signs somebody in. */
  issue(): Promise<Tokens>;
  /** No access token issued so far is taken any more. */
  expire(): Promise<void>;
  /** No token of any kind is taken any more. */
  end(): Promise<void>;
  /** Answers wait at this gate: that of `?gate=…`, or 'token' of the token endpoint. */
  hold(gate: string): Promise<void>;
  release(gate: string): Promise<void>;
  /** What the token endpoint says next. */
  script(...answers: ScriptedAnswer[]): Promise<void>;
  set(options: RealmOptions): Promise<void>;
  /** Resolves as soon as every count is at least that. */
  until(least: Partial<Counts>): Promise<void>;
  counts(): Promise<Counts>;
  log(): Promise<readonly Entry[]>;
}

export interface Server {
  realm(options?: RealmOptions): Promise<Realm>;
}

interface State {
  readonly counts: Counts;
  readonly log: readonly Entry[];
}

/** The client of `test/runtimes/server.ts`: JSON in texts, which every fetch can send. */
export async function connect(fetch: typeof globalThis.fetch, control: string): Promise<Server> {
  const ask = async <T>(path: string, body: unknown = {}): Promise<T> => {
    const response = await fetch(control + path, { method: 'POST', body: JSON.stringify(body) });
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const origins = await ask<{ url: string; other: string }>('/origins');
  return {
    async realm(options = {}) {
      const { id } = await ask<{ id: string }>('/realms', options);
      const tell = (verb: string, body?: unknown) => ask<State>(`/r/${id}/${verb}`, body);
      return {
        url: `${origins.url}/r/${id}`,
        other: `${origins.other}/r/${id}`,
        issue: () => ask<Tokens>(`/r/${id}/issue`),
        expire: async () => void (await tell('expire')),
        end: async () => void (await tell('end')),
        hold: async (gate) => void (await tell('hold', { gate })),
        release: async (gate) => void (await tell('release', { gate })),
        script: async (...answers) => void (await tell('script', { answers })),
        set: async (changed) => void (await tell('set', changed)),
        until: async (least) => void (await tell('until', least)),
        counts: async () => (await tell('state')).counts,
        log: async () => (await tell('state')).log,
      };
    },
  };
}
