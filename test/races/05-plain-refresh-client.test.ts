import { describe, expect, it } from 'vitest';
import { createAuthClient } from '../../src/client.js';
import { createSession } from '../../src/session/session.js';
import type { Session } from '../../src/session/types.js';
import type { FetchLike } from '../../src/types.js';
import { API, flush, raceClock, tokens, unauthorized, watch } from '../support/races-tools.js';

describe('refresh through the client', () => {
  raceClock();

  it('goes out plain where it synchronously calls the client of its own session', async () => {
    const log: string[] = [];
    const fetch: FetchLike = async (input, init) => {
      const request = new Request(input, init);
      const token = request.headers.get('authorization')?.replace('Bearer ', '') ?? 'plain';
      log.push(`${new URL(request.url).pathname} ${token}`);
      if (request.url.endsWith('refresh')) return Response.json(tokens(1));
      return token === 'at-1' ? new Response('ok') : unauthorized();
    };
    const session: Session = createSession({ refresh: () => api.post('auth/refresh').json() });
    const api = createAuthClient({
      baseUrl: `${API}/`,
      auth: session,
      fetch: fetch as typeof globalThis.fetch,
    });
    await session.signIn(tokens(0));
    const call = watch(api.get('me'));
    await flush();
    await flush();
    expect(log).toEqual(['/me at-0', '/auth/refresh plain', '/me at-1']);
    expect(call.value?.status).toBe(200);
  });
});
