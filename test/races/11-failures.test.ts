import { describe, expect, it, vi } from 'vitest';
import type { Renewed } from '../../src/session/grant.js';
import { loaded } from '../support/races-context.js';
import { API, corridor, heldNow, pass, raceClock, resource, watch } from '../support/races-tools.js';

type Answer = () => Renewed | undefined;
const throwing = (error: unknown): Answer => {
  return () => {
    throw error;
  };
};
const status = (code: number, headers: Record<string, string> = {}): Answer => {
  return () => new Response('{}', { status: code, headers });
};
const oauthError = (error: string): Answer => {
  return () => Response.json({ error }, { status: 400 });
};

const failures: [string, Answer, string, string][] = [
  ['a network failure', throwing(new TypeError('fetch failed')), 'refresh-unavailable', 'lost-response'],
  ['a timeout', throwing(new DOMException('slow', 'TimeoutError')), 'refresh-unavailable', 'lost-response'],
  [
    'an abort of its own',
    throwing(new DOMException('no', 'AbortError')),
    'refresh-unavailable',
    'lost-response',
  ],
  ['408', status(408), 'refresh-unavailable', 'unavailable'],
  ['429', status(429), 'refresh-unavailable', 'unavailable'],
  ['500', status(500), 'refresh-unavailable', 'unavailable'],
  ['503', status(503), 'refresh-unavailable', 'unavailable'],
  [
    '503 that says invalid_grant',
    () => Response.json({ error: 'invalid_grant' }, { status: 503 }),
    'refresh-unavailable',
    'unavailable',
  ],
  ['a page of HTML', () => new Response('<html>', { status: 200 }), 'token-response', 'token-response'],
  ['an empty 200', () => new Response('', { status: 200 }), 'token-response', 'token-response'],
  ['tokens that are none', () => ({ access_token: '' }), 'token-response', 'token-response'],
  [
    'a type that is not understood',
    () => ({ access_token: 'a', token_type: 'mac' }),
    'token-response',
    'token-response',
  ],
  ['undefined', () => undefined, 'token-response', 'token-response'],
  ['invalid_client', oauthError('invalid_client'), 'refresh-misconfigured', 'misconfigured'],
  [
    '401 invalid_client',
    () => Response.json({ error: 'invalid_client' }, { status: 401 }),
    'refresh-misconfigured',
    'misconfigured',
  ],
  ['unauthorized_client', oauthError('unauthorized_client'), 'refresh-misconfigured', 'misconfigured'],
  ['invalid_scope', oauthError('invalid_scope'), 'refresh-misconfigured', 'misconfigured'],
  ['a bug', throwing(new ReferenceError('x is not defined')), 'refresh-unavailable', 'unavailable'],
  ['something thrown that is no error', throwing('no'), 'refresh-unavailable', 'unavailable'],
];

/** A context whose refresh answers at once, and is counted. */
async function answering(answer: Answer, about: Parameters<typeof loaded>[0] = {}) {
  const refresh = vi.fn(async () => answer() as Renewed);
  const made = await loaded({ ...about, options: { refresh, ...about.options } });
  return { ...made, refresh, refused: await made.session.token() };
}

describe('a failure', () => {
  raceClock();

  it.each(failures)('of the refresh never signs anybody out: %s', async (_, answer, code, reason) => {
    const { place, session, refresh, refused, told } = await answering(answer);
    const waiting = [1, 2, 3].map(() => watch(session.token({ refused })));
    await pass(7_000);
    expect(waiting.map(({ error }) => (error as { code?: string } | undefined)?.code)).toEqual([
      code,
      code,
      code,
    ]);
    // one error for everybody
    expect(new Set(waiting.map(({ error }) => error)).size).toBe(1);
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-in', refreshing: false });
    expect(heldNow(session)).toBe('at-0');
    expect(place.record).toMatchObject({ id: 'alice', tokens: { refreshToken: 'rt-0' } });
    expect(place.record).not.toHaveProperty('ended');
    expect(told()).toEqual(['refreshing', `refresh-failed ${reason}`]);
    // a cooldown began, told to all contexts
    const asked = refresh.mock.calls.length;
    expect(place.record?.notBefore).toBeGreaterThan(Date.now() - 7_000);
    await pass(120_000);
    watch(session.token({ refused }));
    await pass(0);
    expect(refresh.mock.calls.length).toBeGreaterThan(asked);
  });

  it('thrown synchronously by the function is one as well', async () => {
    const { session } = await loaded({
      options: {
        refresh: () => {
          throw new RangeError('a bug');
        },
      },
    });
    const refused = await session.token();
    await expect(session.token({ refused })).rejects.toMatchObject({ code: 'refresh-unavailable' });
    expect(session.getSnapshot().status).toBe('signed-in');
  });

  it('of an answer that never comes settles its waiters and signs nobody out', async () => {
    const { session, server, place } = await loaded();
    const refused = await session.token();
    const waiting = watch(session.token({ refused }));
    await pass(40_000);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(server.request(0).context.signal.aborted).toBe(true);
    expect(session.getSnapshot().status).toBe('signed-in');
    expect(place.record?.tokens?.refreshToken).toBe('rt-0');
  });

  it('settles those who joined late with the same error', async () => {
    const { session, server } = await loaded();
    const api = resource();
    const call = corridor(session, api);
    const calls = [1, 2].map(() => watch(call(`${API}/me`)));
    api.sending(0).refuse();
    await pass(3_000);
    api.sending(1).refuse();
    const third = watch(session.refresh());
    await pass(0);
    server.request(0).answer(new Response('{}', { status: 400 }));
    await pass(0);
    expect(third.error).toMatchObject({ code: 'refresh-misconfigured' });
    expect(calls.map(({ error }) => error === third.error)).toEqual([true, true]);
  });
});
