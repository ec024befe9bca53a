import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import type { AuthFetchOptions } from '../../src/fetch/options.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { createSession } from '../../src/session/session.js';
import { type Deferred, deferred } from '../support/deferred.js';
import { recordOf, shared } from '../support/races-handle.js';
import { idle, stateOf, tokensOf } from '../support/races-watch.js';
import { refused, web } from '../support/races-web.js';

const here = 'https://api.example.com/';
const unhandled: unknown[] = [];
const note = (error: unknown) => unhandled.push(error);

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000, toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  vi.useRealTimers();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

/** An auth fetch whose first sending with an old token is refused, and a refresh that answers by hand. */
function setup(options: Partial<AuthFetchOptions> = {}) {
  const answers: Deferred<unknown>[] = [];
  const refresh = vi.fn(() => {
    const answer = deferred<unknown>();
    answers.push(answer);
    return answer.promise as Promise<null>;
  });
  const session = createSession({ refresh, store: shared(recordOf()).handle() });
  const { fetch, sendings } = web(({ headers }) =>
    headers.get('authorization') === 'Bearer anna-at-2' ? new Response('ok') : refused(),
  );
  const authFetch = createAuthFetch({ baseUrl: here, auth: session, fetch, ...options });
  return { sendings, refresh, answers, session, authFetch };
}

/** Real streams settle on real turns of the event loop. */
async function until(done: () => boolean): Promise<void> {
  for (let turns = 0; turns < 1_000 && !done(); turns++)
    await new Promise((resolve) => setImmediate(resolve));
  expect(done()).toBe(true);
}

function streamOf(...chunks: string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes = chunks.map((chunk) => new TextEncoder().encode(chunk));
  return new ReadableStream({
    pull(controller) {
      const next = bytes.shift();
      if (next) controller.enqueue(next);
      else controller.close();
    },
  });
}

const init = (body: unknown) => ({ method: 'POST', body, duplex: 'half' }) as RequestInit;
const tooLong = ['0123', '4567', '89'];

const longBodies: [string, () => [string | Request, RequestInit?]][] = [
  ['a stream', () => ['a', init(streamOf(...tooLong))]],
  ['a Request with a stream', () => [new Request(`${here}a`, init(streamOf(...tooLong)))]],
];

describe.each(longBodies)('createAuthFetch: %s longer than is kept, refused', (_, args) => {
  it('is delivered as one-shot, sent once and never empty', async () => {
    const { authFetch, sendings, answers } = setup({ maxReplayBytes: 4 });
    const call = stateOf(authFetch(...args()));
    await until(() => sendings.length === 1);
    await vi.advanceTimersByTimeAsync(1);
    // nothing is waited for: the refresh has not answered
    await until(() => call.is === 'resolved');
    expect(outcomeOf(call.value as Response)).toMatchObject({ reason: 'one-shot', sendings: 1 });
    expect(call.value?.status).toBe(401);
    answers[0]?.resolve(tokensOf('anna', 2));
    await idle();
    expect(sendings.map(({ body }) => body)).toEqual(['0123456789']);
  });

  it('refreshes beside, so that the next call works at the first sending', async () => {
    const { authFetch, sendings, answers, refresh } = setup({ maxReplayBytes: 4 });
    const call = stateOf(authFetch(...args()));
    await until(() => sendings.length === 1);
    await vi.advanceTimersByTimeAsync(1);
    await until(() => call.is === 'resolved');
    expect(refresh).toHaveBeenCalledTimes(1);
    const next = stateOf(authFetch('b'));
    answers[0]?.resolve(tokensOf('anna', 2));
    await until(() => next.is === 'resolved');
    expect(next.value?.status).toBe(200);
    expect(sendings).toHaveLength(2);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('is delivered all the same where the refresh beside it fails', async () => {
    const { authFetch, answers, session, sendings } = setup({ maxReplayBytes: 4 });
    const call = stateOf(authFetch(...args()));
    await until(() => sendings.length === 1);
    await vi.advanceTimersByTimeAsync(1);
    await until(() => call.is === 'resolved');
    answers[0]?.reject(new Error('a bug'));
    await idle();
    expect(outcomeOf(call.value as Response)?.reason).toBe('one-shot');
    expect(session.getSnapshot().status).toBe('signed-in');
  });

  it('is a NotReplayableError where that is asked for', async () => {
    const { authFetch, sendings, refresh } = setup({ maxReplayBytes: 4, onOneShot: 'throw' });
    const call = stateOf(authFetch(...args()));
    await until(() => sendings.length === 1);
    await vi.advanceTimersByTimeAsync(1);
    await until(() => call.is === 'rejected');
    expect(call.error).toMatchObject({ code: 'not-replayable', signInRequired: false });
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(sendings).toHaveLength(1);
  });
});

describe('createAuthFetch: the bytes of a replay', () => {
  async function* iterate() {
    yield new TextEncoder().encode('by ');
    yield new TextEncoder().encode('and by');
  }
  const buffer = () => new TextEncoder().encode('bytes');
  const kinds: [string, () => { input?: Request; body?: unknown; spoil?: () => void }][] = [
    ['text', () => ({ body: 'text' })],
    ['a Blob', () => ({ body: new Blob(['blob'], { type: 'text/x' }) })],
    [
      'a view that the caller changes',
      () => {
        const body = buffer();
        return { body, spoil: () => body.fill(0) };
      },
    ],
    [
      'an ArrayBuffer that the caller changes',
      () => {
        const bytes = buffer();
        return { body: bytes.buffer, spoil: () => bytes.fill(0) };
      },
    ],
    [
      'a view into a larger buffer',
      () => {
        const bytes = buffer();
        return { body: bytes.subarray(1, 3), spoil: () => bytes.fill(0) };
      },
    ],
    [
      'parameters that the caller changes',
      () => {
        const body = new URLSearchParams({ a: '1', b: 'ü&=' });
        return { body, spoil: () => body.set('a', '2') };
      },
    ],
    [
      'a form that the caller changes',
      () => {
        const body = new FormData();
        body.set('a', '1');
        body.set('file', new File(['content'], 'ä.txt'));
        return { body, spoil: () => body.set('a', '2') };
      },
    ],
    ['a stream', () => ({ body: streamOf('one', 'two', 'three') })],
    ['an async iterable', () => ({ body: iterate() })],
    ['a Request with text', () => ({ input: new Request(`${here}a`, { method: 'POST', body: 'text' }) })],
    ['a Request with a stream', () => ({ input: new Request(`${here}a`, init(streamOf('one', 'two'))) })],
    [
      'a Request with a form',
      () => {
        const body = new FormData();
        body.set('a', '1');
        return { input: new Request(`${here}a`, { method: 'POST', body }), spoil: () => body.set('a', '2') };
      },
    ],
  ];

  it.each(kinds)('equal those of the first sending: %s', async (_, make) => {
    const { authFetch, sendings, answers } = setup();
    const { input, body, spoil } = make();
    const call = stateOf(input ? authFetch(input) : authFetch('a', init(body)));
    spoil?.();
    await until(() => sendings.length === 1);
    await vi.advanceTimersByTimeAsync(1);
    await until(() => answers.length === 1);
    answers[0]?.resolve(tokensOf('anna', 2));
    await until(() => call.is !== 'pending');
    expect(call.value?.status).toBe(200);
    const [first, second] = sendings;
    expect(first?.body?.length).toBeGreaterThan(0);
    expect(second?.body).toBe(first?.body);
    expect(second?.headers.get('content-type')).toBe(first?.headers.get('content-type'));
    expect(sendings).toHaveLength(2);
  });

  it.each(kinds)(
    'are those of the call, also where the first sending waited for a token: %s',
    async (_, make) => {
      const reference = web(() => new Response('ok'));
      const plain = make();
      await reference.fetch(plain.input ?? `${here}a`, plain.input ? undefined : init(plain.body));
      const boundary = /-{4,}[\w-]+/g;

      const answer = deferred<ReturnType<typeof tokensOf>>();
      const past = { mintedAt: Date.now() - 300_000, expiresAt: Date.now() - 1 };
      const session = createSession({
        refresh: () => answer.promise,
        store: shared(recordOf(past)).handle(),
      });
      const { fetch, sendings } = web(() => new Response('ok'));
      const { input, body, spoil } = make();
      const authFetch = createAuthFetch({ baseUrl: here, auth: session, fetch });
      const call = stateOf(input ? authFetch(input) : authFetch('a', init(body)));
      spoil?.();
      answer.resolve(tokensOf('anna', 2));
      await until(() => call.is === 'resolved');
      expect(sendings.map((sent) => sent.body?.replace(boundary, '--'))).toEqual([
        reference.sendings[0]?.body?.replace(boundary, '--'),
      ]);
    },
  );

  it('go with the headers of the call, though the caller changes its object', async () => {
    const { authFetch, sendings, answers } = setup();
    const headers: Record<string, string> = { 'X-Mine': '1' };
    const call = stateOf(authFetch('a', { headers }));
    await until(() => answers.length === 1);
    headers['X-Mine'] = '2';
    headers['X-More'] = '3';
    answers[0]?.resolve(tokensOf('anna', 2));
    await until(() => call.is === 'resolved');
    expect(sendings.map((sent) => [sent.headers.get('x-mine'), sent.headers.get('x-more')])).toEqual([
      ['1', null],
      ['1', null],
    ]);
  });
});
