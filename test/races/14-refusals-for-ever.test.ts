import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { createCookieSession } from '../../src/session/cookie-session.js';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { recordOf, shared } from '../support/races-handle.js';
import { idle, rotation, tokensOf } from '../support/races-watch.js';

const T0 = 1_800_000_000_000;
const MINUTE = 60_000;
const baseUrl = 'https://api.example.com/';

beforeEach(() => {
  vi.useFakeTimers({ now: T0 });
});
afterEach(() => {
  vi.useRealTimers();
});

const refusing = () => vi.fn(async () => new Response('', { status: 401 }));

/** The most calls that fall into any span of one minute. */
function mostInAMinute(instants: readonly number[]): number {
  return Math.max(0, ...instants.map((at) => instants.filter((t) => t >= at && t < at + MINUTE).length));
}

describe('createAuthFetch: a resource says 401 for ever', () => {
  it('sends each call a bounded number of times', async () => {
    const refresh = rotation();
    const session = createSession({ refresh });
    await session.signIn(tokensOf('anna', 1));
    const send = refusing();
    const authFetch = createAuthFetch({ baseUrl, auth: session, fetch: send });
    for (let calls = 1; calls <= 200; calls++) {
      const before = send.mock.calls.length;
      const response = await authFetch(`${baseUrl}a`);
      expect(response.status).toBe(401);
      expect(send.mock.calls.length - before).toBe(outcomeOf(response)?.sendings);
      expect(send.mock.calls.length - before).toBeLessThanOrEqual(3);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    // every replacement that is refused early doubles the wait for the next
    expect(refresh.mock.calls.length).toBeLessThanOrEqual(6);
    expect(refresh.mock.calls.length).toBeGreaterThanOrEqual(4);
  });

  it('costs all contexts together at most five refreshes in any minute', async () => {
    const instants: number[] = [];
    let n = 1;
    const refresh = async () => {
      instants.push(Date.now());
      return tokensOf('anna', ++n);
    };
    const place = shared(recordOf());
    const apis = [1, 2, 3].map(() =>
      createAuthFetch({
        baseUrl,
        auth: createSession({ refresh, store: place.handle() }),
        fetch: refusing(),
      }),
    );
    for (let i = 0; i < 400; i++) {
      const api = apis[i % apis.length];
      await api?.(`${baseUrl}a`).catch(() => {});
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(mostInAMinute(instants)).toBe(5);
  });

  it('keeps to five a minute when another resource takes every token at once', async () => {
    const instants: number[] = [];
    let n = 1;
    const session = createSession({
      refresh: async () => {
        instants.push(Date.now());
        return tokensOf('anna', ++n);
      },
    });
    await session.signIn(tokensOf('anna', 1));
    const fetch = async (input: unknown) =>
      new Response('', { status: String(input).endsWith('good') ? 200 : 401 });
    const authFetch = createAuthFetch({ baseUrl, auth: session, fetch });
    const reasons = new Set<string | undefined>();
    for (let i = 0; i < 300; i++) {
      expect((await authFetch(`${baseUrl}good`)).status).toBe(200);
      reasons.add(outcomeOf(await authFetch(`${baseUrl}bad`))?.reason);
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(mostInAMinute(instants)).toBe(5);
    expect(reasons).toContain('refresh-limit');
  });

  it('counts what another context began', async () => {
    const place = shared(recordOf({ refusals: [5, 4, 3, 2, 1].map((s) => T0 - s * 1_000) }));
    const refresh = rotation();
    const session = createSession({ refresh, store: place.handle() });
    const send = refusing();
    const authFetch = createAuthFetch({ baseUrl, auth: session, fetch: send });
    const response = await authFetch(`${baseUrl}a`);
    expect(outcomeOf(response)).toMatchObject({
      reason: 'refresh-limit',
      sendings: 1,
      signInRequired: false,
    });
    expect(refresh).toHaveBeenCalledTimes(0);
    vi.setSystemTime(T0 + 55_000);
    await authFetch(`${baseUrl}a`);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('counts what only the turn finds in the store', async () => {
    const place = shared(recordOf());
    const refresh = rotation();
    const session = createSession({ refresh, store: place.handle() });
    const authFetch = createAuthFetch({ baseUrl, auth: session, fetch: refusing() });
    await session.ready();
    place.record = recordOf({ revision: 9, refusals: [5, 4, 3, 2, 1].map((s) => T0 - s * 1_000) });
    expect(outcomeOf(await authFetch(`${baseUrl}a`))?.reason).toBe('refresh-limit');
    expect(refresh).toHaveBeenCalledTimes(0);
  });

  it('does not count the refusal of a token that has expired on the way', async () => {
    const refresh = rotation('anna', 300);
    const full = [5, 4, 3, 2, 1].map((s) => T0 - s * 1_000);
    const place = shared(recordOf({ refusals: full, mintedAt: T0 - 300_000, expiresAt: T0 + 1_000 }));
    const session = createSession({ refresh, store: place.handle(), expiryLeewayMs: 0, refreshAheadMs: 0 });
    const first = deferred<Response>();
    const fetch = vi.fn(async () => new Response('ok')).mockReturnValueOnce(first.promise);
    const call = createAuthFetch({ baseUrl, auth: session, fetch })(`${baseUrl}a`);
    vi.setSystemTime(T0 + 1_000);
    first.resolve(new Response('', { status: 401 }));
    expect((await call).status).toBe(200);
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(place.record?.refusals).toEqual(full);
  });

  it('counts a refusal that joined a refresh ahead of time not at all', async () => {
    const refresh = rotation('anna', 300);
    const place = shared(recordOf({ mintedAt: T0, expiresAt: T0 + 300_000 }));
    const session = createSession({ refresh, store: place.handle() });
    const refused = await session.token();
    vi.setSystemTime(T0 + 250_000);
    const [, after] = await Promise.all([session.token(), session.token({ refused })]);
    expect(after.accessToken).toBe('anna-at-2');
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(place.record?.refusals ?? []).toEqual([]);
  });

  it('bounds a cookie session in the same way', async () => {
    const instants: number[] = [];
    const session = createCookieSession({
      refresh: async () => {
        instants.push(Date.now());
        return new Response(null, { status: 204 });
      },
    });
    await session.signIn();
    const send = refusing();
    const authFetch = createAuthFetch({ baseUrl, auth: session, fetch: send });
    for (let i = 1; i <= 200; i++) {
      const before = send.mock.calls.length;
      expect((await authFetch(`${baseUrl}a`)).status).toBe(401);
      expect(send.mock.calls.length - before).toBeLessThanOrEqual(3);
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(mostInAMinute(instants)).toBeLessThanOrEqual(5);
    expect(instants.length).toBeGreaterThanOrEqual(1);
  });
});

describe('createAuthFetch: the refresh token is dead', () => {
  it.each([
    ['null', async () => null],
    ['invalid_grant', async () => Response.json({ error: 'invalid_grant' }, { status: 400 })],
    ['a home-made 401', async () => new Response('', { status: 401 })],
  ])('a hundred callers cost one token request, and the next hundred none (%s)', async (_, answer) => {
    const refresh = vi.fn(answer);
    const session = createSession({ refresh });
    await session.signIn(tokensOf('anna', 1));
    const send = refusing();
    const authFetch = createAuthFetch({ baseUrl, auth: session, fetch: send });
    const all = await Promise.all(Array.from({ length: 100 }, () => authFetch(`${baseUrl}a`)));
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 401));
    expect(all.every((response) => outcomeOf(response)?.signInRequired)).toBe(true);
    expect(send).toHaveBeenCalledTimes(100);
    expect(refresh).toHaveBeenCalledTimes(1);
    const next = await Promise.all(Array.from({ length: 100 }, () => authFetch(`${baseUrl}a`)));
    expect(next.every(({ status }) => status === 401)).toBe(true);
    expect(send).toHaveBeenCalledTimes(200);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('another context with the same token posts nothing', async () => {
    const place = shared(recordOf());
    const refresh = vi.fn(async () => null);
    const [a, b] = [1, 2].map(() => createSession({ refresh, store: place.handle() }));
    const [heldA, heldB] = [await a?.token(), await b?.token()];
    const codes = await Promise.all([
      a?.token({ refused: heldA }).catch((error) => error.code),
      b?.token({ refused: heldB }).catch((error) => error.code),
    ]);
    expect(codes).toEqual(['refresh-rejected', 'refresh-rejected']);
    expect(refresh).toHaveBeenCalledTimes(1);
    await idle();
    await expect(b?.token()).rejects.toMatchObject({ code: 'signed-out' });
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('a text store reads again before it believes it, and posts once all the same', async () => {
    const place = shared(recordOf());
    const store = Object.assign(place.handle(), { exclusive: false });
    const refresh = vi.fn(async () => null);
    const session = createSession({ refresh, store });
    const refused = await session.token();
    const all = Array.from({ length: 100 }, () => session.token({ refused }).catch((error) => error.code));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(new Set(await Promise.all(all))).toEqual(new Set(['refresh-rejected']));
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('acquires anew only after the cooldown, with a new id', async () => {
    const place = shared(recordOf());
    const refresh = vi.fn(async () => null);
    const acquire = rotation('robot');
    const session = createSession({ refresh, acquire, store: place.handle() });
    const refused = await session.token();
    await expect(session.token({ refused })).rejects.toMatchObject({ code: 'refresh-rejected' });
    for (let i = 0; i < 100; i++) await session.token().catch(() => {});
    expect(acquire).toHaveBeenCalledTimes(0);
    expect(refresh).toHaveBeenCalledTimes(1);
    vi.setSystemTime((place.record?.notBefore ?? 0) + 1);
    expect((await session.token()).accessToken).toBe('robot-at-2');
    expect(place.record?.id).not.toBe('anna');
    expect(acquire).toHaveBeenCalledTimes(1);
  });
});
