import { describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { bearer } from '../../src/schemes/bearer.js';
import { defineScheme, type Target } from '../../src/schemes/scheme.js';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { recordOf, shared } from '../support/races-handle.js';
import { flush, raceClock } from '../support/races-tools.js';

const API = 'https://api.example.com';

/** A fetch that notes what it was sent with. */
function server() {
  const sent: (string | null)[] = [];
  const fetch = async (_: unknown, init?: RequestInit) => {
    sent.push(new Headers(init?.headers).get('authorization'));
    return new Response();
  };
  return { sent, fetch: vi.fn(fetch) };
}

describe('createAuthFetch: credentials that were waited for', () => {
  raceClock();

  it.each(Array.from({ length: 12 }, (_, steps) => steps))(
    'are not sent once the session has ended, %i steps after they were there',
    async (steps) => {
      const place = shared(recordOf());
      const store = place.handle();
      const gate = deferred<void>();
      store.beforeLoad = () => gate.promise;
      const session = createSession({ refresh: async () => null, store });
      const { fetch, sent } = server();
      const call = createAuthFetch({ baseUrl: API, auth: bearer(session), fetch })(`${API}/`);
      const settled = call.then(
        () => 'sent',
        (error: { code: string }) => error.code,
      );
      let sentBefore = 0;
      gate.resolve();
      await gate.promise;
      for (let i = 0; i < steps; i++) await undefined;
      sentBefore = sent.length;
      const ending = session.signOut();
      await flush();
      await ending;
      expect(sent).toHaveLength(sentBefore);
      expect(await settled).toBe(sentBefore === 0 ? 'signed-out' : 'sent');
    },
  );

  it('are asked for once more where their scheme has begun anew, and never twice', async () => {
    let life = {};
    const first = deferred<{ headers: { Authorization: string } }>();
    const credentials = vi
      .fn<(target: Target) => Promise<{ headers: { Authorization: string } }>>()
      .mockReturnValueOnce(first.promise)
      .mockImplementation(async () => {
        life = {};
        return { headers: { Authorization: 'Test new' } };
      });
    const scheme = defineScheme({ name: 'test', begin: () => life, credentials });
    const { fetch, sent } = server();
    const call = createAuthFetch({ baseUrl: API, auth: scheme, fetch })(`${API}/`);
    life = {};
    first.resolve({ headers: { Authorization: 'Test old' } });
    await call;
    expect(sent).toEqual(['Test new']);
    expect(credentials).toHaveBeenCalledTimes(2);
  });
});
