import { describe, expect, it } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import type { AuthFetchOptions } from '../../src/fetch/options.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { createSession } from '../../src/session/session.js';
import { recordOf, shared } from '../support/races-handle.js';
import { rotation } from '../support/races-watch.js';

const here = 'https://api.example.com/';

/** A source that gives a chunk when it is asked, and says what was asked of it. */
function source(chunks: string[]) {
  const left = chunks.map((chunk) => new TextEncoder().encode(chunk));
  const seen = { pulls: 0, cancelled: false };
  const stream = new ReadableStream(
    {
      pull(controller) {
        seen.pulls++;
        const next = left.shift();
        if (next) controller.enqueue(next);
        else controller.close();
      },
      cancel() {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, seen };
}

/** Refuses each of the first `refusals` sendings after so many chunks of its body; takes what comes later. */
function server(chunks: number, refusals = 1) {
  const bodies: string[] = [];
  const signals: (AbortSignal | null | undefined)[] = [];
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = typeof input === 'object' && 'headers' in input ? input : undefined;
    const body = (init?.body ?? request?.body) as ReadableStream<Uint8Array>;
    const n = bodies.push('') - 1;
    signals.push(init?.signal ?? request?.signal);
    const reader = body.getReader();
    for (let read = 0; n >= refusals || read < chunks; read++) {
      const step = await reader.read();
      if (step.done) break;
      bodies[n] += new TextDecoder().decode(step.value);
    }
    return n < refusals ? new Response('why', { status: 401 }) : new Response('ok');
  };
  return { fetch, bodies, signals };
}

function start(fetch: AuthFetchOptions['fetch'], options: Partial<AuthFetchOptions> = {}) {
  const refresh = rotation();
  const session = createSession({ refresh, store: shared(recordOf()).handle() });
  return { refresh, authFetch: createAuthFetch({ baseUrl: here, auth: session, fetch, ...options }) };
}

const post = (body: unknown) => ({ method: 'POST', body, duplex: 'half' }) as RequestInit;
const chunks = ['0123', '4567', '89'];

describe.each([
  ['a stream', (stream: ReadableStream) => [`${here}a`, post(stream)] as [string, RequestInit]],
  ['a Request', (stream: ReadableStream) => [new Request(`${here}a`, post(stream))] as [Request]],
])('createAuthFetch: %s refused before it was read', (_, args) => {
  it.each([0, 1, 2])(
    'is replayed from its first byte, and its source is read once: after %d chunks',
    async (n) => {
      const { stream, seen } = source(chunks);
      const { fetch, bodies, signals } = server(n);
      const { authFetch } = start(fetch);
      const response = await authFetch(...(args(stream) as [string, RequestInit]));
      expect(response.status).toBe(200);
      expect(bodies).toEqual([chunks.slice(0, n).join(''), '0123456789']);
      expect(seen).toEqual({ pulls: 4, cancelled: false });
      expect(signals[0]?.aborted).toBe(true);
      expect(signals[1]?.aborted ?? false).toBe(false);
    },
  );
});

describe('createAuthFetch: a stream of which more has passed than is kept', () => {
  it('is replayed as long as everything that passed is kept', async () => {
    const { stream } = source(chunks);
    const { fetch, bodies } = server(1);
    const { authFetch } = start(fetch, { maxReplayBytes: 4 });
    expect((await authFetch('a', post(stream))).status).toBe(200);
    expect(bodies).toEqual(['0123', '0123456789']);
  });

  it('is delivered as soon as it is not, also where the first refusal was answered', async () => {
    const { stream } = source(chunks);
    const { fetch, bodies } = server(1, 1);
    let calls = 0;
    const twice: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      return ++calls === 2 ? new Response('again', { status: 401 }) : response;
    };
    const { authFetch } = start(twice, { maxReplayBytes: 4 });
    const response = await authFetch('a', post(stream));
    expect(response.status).toBe(401);
    expect(outcomeOf(response)?.sendings).toBe(2);
    expect(bodies).toEqual(['0123', '0123456789']);
  });
});
