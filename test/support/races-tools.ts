import { afterEach, beforeEach, expect, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import type { AuthFetch } from '../../src/fetch/options.js';
import type { SessionRecord } from '../../src/protocol/record.js';
import { type SessionCore, sessionCore } from '../../src/protocol/session-core.js';
import type { TokenInput } from '../../src/protocol/token-set.js';
import type { GrantContext, Renewed } from '../../src/session/grant.js';
import type { Session } from '../../src/session/types.js';
import { deferred } from './deferred.js';

export const START: number = Date.UTC(2026, 0, 1);
export const API = 'https://api.example.com';

/** The clock stands still until the test moves it, and no rejection is left to nobody. */
export function raceClock(): void {
  let lost: unknown[] = [];
  const note = (reason: unknown) => lost.push(reason);
  beforeEach(() => {
    lost = [];
    process.on('unhandledRejection', note);
    vi.useFakeTimers({
      now: START,
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    });
  });
  afterEach(async () => {
    // Node tells of them after the microtasks
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
    expect(lost).toEqual([]);
  });
}

/** Everything that can happen without time passing. */
export const flush = async (): Promise<void> => {
  await vi.advanceTimersByTimeAsync(0);
};

export const pass = async (ms: number): Promise<void> => {
  await vi.advanceTimersByTimeAsync(ms);
};

export function tokens(n: number, expiresIn: number | null = 300): TokenInput {
  return { access_token: `at-${n}`, refresh_token: `rt-${n}`, expires_in: expiresIn };
}

/** The record of a sign-in with tokens of generation n. */
export function record(n: number, about: Partial<SessionRecord> = {}): SessionRecord {
  const expiresAt = about.expiresAt ?? START + 300_000;
  return {
    id: 'alice',
    revision: n + 1,
    generation: n + 1,
    boundTo: '',
    mintedAt: START,
    tokens: { accessToken: `at-${n}`, refreshToken: `rt-${n}`, expiresAt },
    expiresAt,
    ...about,
  };
}

export interface Asked {
  /** The refresh token that was posted. */
  readonly posted: string | undefined;
  readonly context: GrantContext;
  answer(renewed: Renewed | undefined): void;
  fail(error: unknown): void;
}

/** A `refresh` whose answers come when the test gives them. */
export function tokenServer() {
  const asked: Asked[] = [];
  const ask = (
    context: GrantContext & { held?: { refreshToken?: string | undefined } | undefined },
  ): Promise<Renewed> => {
    const answer = deferred<Renewed>();
    asked.push({
      posted: context.held?.refreshToken,
      context,
      answer: (renewed) => answer.resolve(renewed as Renewed),
      fail: answer.reject,
    });
    return answer.promise;
  };
  return {
    asked,
    ask,
    /** The n-th token request, counted from 0. */
    request(n: number): Asked {
      const found = asked[n];
      if (!found) throw new Error(`There was no token request ${n}, only ${asked.length}`);
      return found;
    },
  };
}

export interface Sending {
  readonly token: string | undefined;
  readonly url: string;
  accept(): void;
  refuse(): void;
}

/** A resource whose answers come when the test gives them; `auto` answers at once. */
export function resource(auto?: (token: string | undefined) => boolean) {
  const sendings: Sending[] = [];
  const fetch = (input: unknown, init?: RequestInit): Promise<Response> => {
    const token = new Headers(init?.headers).get('authorization')?.replace(/^Bearer /, '');
    const answer = deferred<Response>();
    const sending: Sending = {
      token,
      url: String(input),
      accept: () => answer.resolve(new Response('ok')),
      refuse: () => answer.resolve(unauthorized()),
    };
    sendings.push(sending);
    const { signal } = init ?? {};
    signal?.addEventListener('abort', () => answer.reject(signal.reason));
    if (signal?.aborted) answer.reject(signal.reason);
    if (auto) {
      if (auto(token)) sending.accept();
      else sending.refuse();
    }
    return answer.promise;
  };
  return {
    fetch,
    sendings,
    /** The tokens that were sent, in order. */
    get sent(): (string | undefined)[] {
      return sendings.map(({ token }) => token);
    },
    sending(n: number): Sending {
      const found = sendings[n];
      if (!found) throw new Error(`There was no sending ${n}, only ${sendings.length}`);
      return found;
    },
  };
}

export function unauthorized(): Response {
  return new Response('no', {
    status: 401,
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}

export function corridor(session: Session, to: { readonly fetch: typeof fetch | unknown }): AuthFetch {
  return createAuthFetch({ baseUrl: API, auth: session, fetch: to.fetch as typeof fetch });
}

/** What has become of a promise so far. */
export interface Watched<T> {
  state: 'pending' | 'fulfilled' | 'rejected';
  value: T | undefined;
  error: unknown;
}

export function watch<T>(promise: Promise<T>): Watched<T> {
  const watched: Watched<T> = { state: 'pending', value: undefined, error: undefined };
  promise.then(
    (value) => Object.assign(watched, { state: 'fulfilled', value }),
    (error) => Object.assign(watched, { state: 'rejected', error }),
  );
  return watched;
}

/** The token that would be sent now, where nothing must be waited for. */
export function heldNow(session: Session): string | undefined {
  const core: SessionCore = session[sessionCore];
  const held = core.current(core.begin());
  if (held instanceof Promise) {
    held.catch(() => {});
    return 'waits';
  }
  return held?.accessToken;
}
