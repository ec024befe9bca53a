import { describe, expect, it } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { recordOf, shared } from '../support/races-handle.js';
import { stateOf, tokensOf } from '../support/races-watch.js';

const here = 'https://api.example.com/';
const chunks = ['0123', '4567', '89'];

/** A body that gives its chunks one by one; the last only when it may. */
function source(last: Promise<void> = Promise.resolve()): ReadableStream<Uint8Array<ArrayBuffer>> {
  const left = chunks.map((chunk) => new TextEncoder().encode(chunk));
  return new ReadableStream(
    {
      async pull(controller) {
        if (left.length === 1) await last;
        const next = left.shift();
        if (next) controller.enqueue(next);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Refuses after the first chunk and goes on reading, as servers and clients do; takes what comes then. */
function server() {
  const bodies: string[] = [];
  const signals: (AbortSignal | null | undefined)[] = [];
  let abortedInTime: boolean | undefined;
  const read = async (body: ReadableStream<Uint8Array>, n: number, seen?: () => void) => {
    const reader = body.getReader();
    for (;;) {
      const step = await reader.read();
      if (step.done) return;
      bodies[n] += new TextDecoder().decode(step.value);
      seen?.();
    }
  };
  const fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
    const n = bodies.push('') - 1;
    signals.push(init?.signal);
    const body = init?.body as ReadableStream<Uint8Array>;
    if (n === 0) {
      await new Promise<void>((seen) => void read(body, n, seen).catch(() => {}));
      // the refusal's own body does not come to its end
      return new Response(new ReadableStream(), { status: 401 });
    }
    abortedInTime ??= signals[0]?.aborted;
    await read(body, n);
    return new Response('ok');
  };
  return { fetch, bodies, abortedInTime: () => abortedInTime };
}

function start(fetch: ReturnType<typeof server>['fetch'], maxReplayBytes: number) {
  const answer = deferred<ReturnType<typeof tokensOf>>();
  const session = createSession({ refresh: () => answer.promise, store: shared(recordOf()).handle() });
  const authFetch = createAuthFetch({ baseUrl: here, auth: session, fetch, maxReplayBytes });
  const call = (body: BodyInit) =>
    stateOf(authFetch('a', { method: 'POST', body, duplex: 'half' } as RequestInit));
  return { answer, call };
}

/** Streams settle on real turns of the event loop. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('createAuthFetch: a refused sending goes on uploading while the refresh is under way', () => {
  it.each([4, 8, 9, 10, 100])('and its stream is never replayed in part: %d bytes kept', async (limit) => {
    const { fetch, bodies } = server();
    const { answer, call } = start(fetch, limit);
    const state = call(source());
    await turns();
    answer.resolve(tokensOf('anna', 2));
    await turns();
    for (const body of bodies.slice(1)) expect(body).toBe('0123456789');
    if (state.value?.status === 200) expect(bodies).toHaveLength(2);
    else expect(outcomeOf(state.value as Response)?.reason).toBe('one-shot');
    expect(state.is).toBe('resolved');
  });

  it('and is aborted where it has not ended when the replay begins', async () => {
    const { fetch, bodies, abortedInTime } = server();
    const { answer, call } = start(fetch, 100);
    const last = deferred();
    const state = call(source(last.promise));
    await turns();
    answer.resolve(tokensOf('anna', 2));
    await turns();
    expect(abortedInTime()).toBe(true);
    last.resolve();
    await turns();
    expect(state.value?.status).toBe(200);
    expect(bodies[1]).toBe('0123456789');
  });
});
