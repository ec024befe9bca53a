import { describe, expect, it } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { apiKey } from '../../src/schemes/api-key.js';
import { createSession } from '../../src/session/session.js';
import { recordOf, shared } from '../support/races-handle.js';
import { rotation } from '../support/races-watch.js';
import { arrivedAt, movedTo, refused, web } from '../support/races-web.js';

const here = 'https://api.example.com';
const evil = 'https://evil.example';

function setup(answer: Parameters<typeof web>[0], origins: string[] = [here]) {
  const { fetch, sendings } = web(answer);
  const refresh = rotation();
  const session = createSession({ refresh, store: shared(recordOf()).handle() });
  const authFetch = createAuthFetch({ baseUrl: here, origins, auth: session, fetch });
  return { sendings, refresh, authFetch };
}

describe('createAuthFetch: a 401 of another origin', () => {
  it.each(['GET', 'HEAD', 'POST'])('is never answered: %s', async (method) => {
    const { authFetch, sendings, refresh } = setup(() => arrivedAt(`${evil}/x`, refused()));
    const response = await authFetch('/a', { method });
    expect(outcomeOf(response)).toMatchObject({ reason: 'other-origin', sendings: 1 });
    expect(sendings).toHaveLength(1);
    expect(refresh).toHaveBeenCalledTimes(0);
  });

  it('is not answered where both origins are allowed: which one was meant, nobody can tell', async () => {
    const { authFetch, sendings, refresh } = setup(() => arrivedAt(`${evil}/x`, refused()), [here, evil]);
    expect(outcomeOf(await authFetch('/a'))?.reason).toBe('other-origin');
    expect(sendings).toHaveLength(1);
    expect(refresh).toHaveBeenCalledTimes(0);
  });

  it('is not answered where only the replay was led there', async () => {
    const { authFetch, sendings } = setup((_, n) =>
      n === 1 ? refused() : arrivedAt(`${evil}/x`, refused()),
    );
    expect(outcomeOf(await authFetch('/a'))).toMatchObject({ reason: 'other-origin', sendings: 2 });
    expect(sendings).toHaveLength(2);
  });

  it('is not answered where the platform says only where to (React Native)', async () => {
    const elsewhere = () =>
      Object.defineProperties(refused(), {
        url: { value: `${evil}/x` },
        redirected: { value: undefined },
      });
    const { authFetch, sendings } = setup(elsewhere);
    expect(outcomeOf(await authFetch('/a'))?.reason).toBe('other-origin');
    expect(sendings).toHaveLength(1);
  });
});

describe('createAuthFetch: a 401 after redirects that fetch followed by itself', () => {
  it.each(['GET', 'HEAD'])('is answered at the final URL: %s', async (method) => {
    for (const input of [`${here}/a`, new Request(`${here}/a`, { method })]) {
      const { authFetch, sendings } = setup((_, n) =>
        n === 1 ? arrivedAt(`${here}/final?x=1`, refused()) : new Response('ok'),
      );
      const response = await authFetch(input, { method });
      expect(response.status).toBe(200);
      expect(sendings.map(({ url }) => url)).toEqual([`${here}/a`, `${here}/final?x=1`]);
      expect(sendings.map((sending) => sending.method)).toEqual([method, method]);
      expect(sendings[1]?.headers.get('authorization')).toBe('Bearer anna-at-2');
    }
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('is delivered: %s is never sent twice', async (method) => {
    for (const input of [`${here}/a`, new Request(`${here}/a`, { method, body: 'x' })]) {
      const { authFetch, sendings } = setup(() => arrivedAt(`${here}/final`, refused()));
      const response = await authFetch(input, { method, body: 'x' });
      expect(outcomeOf(response)).toMatchObject({ reason: 'redirected', sendings: 1 });
      expect(sendings).toHaveLength(1);
    }
  });

  it('at the same URL, without a redirect, is replayed: POST', async () => {
    const { authFetch, sendings } = setup((_, n) =>
      n === 1 ? arrivedAt(`${here}/a`, refused(), false) : new Response('ok'),
    );
    expect((await authFetch('/a', { method: 'POST', body: 'x' })).status).toBe(200);
    expect(sendings.map(({ body }) => body)).toEqual(['x', 'x']);
  });

  it('is bounded where every replay is redirected once more', async () => {
    const { authFetch, sendings } = setup((_, n) => arrivedAt(`${here}/${n}`, refused()));
    expect((await authFetch('/a')).status).toBe(401);
    expect(sendings.length).toBeLessThanOrEqual(3);
  });
});

describe('createAuthFetch: a 401 after redirects that were followed by hand', () => {
  const start = (status: number) => {
    let reads = 0;
    const auth = apiKey({ header: 'X-API-Key', value: () => (reads++ < 2 ? 'old' : 'new') });
    const { fetch, sendings } = web((_, n) =>
      n === 1 ? movedTo('/final', status) : n === 2 ? refused() : new Response('ok'),
    );
    return { sendings, authFetch: createAuthFetch({ baseUrl: here, auth, fetch }) };
  };

  it.each([
    [307, 'POST', 'x'],
    [308, 'POST', 'x'],
    [303, 'GET', undefined],
    [302, 'GET', undefined],
  ])('is answered at the final URL with the method it had there: %d', async (status, method, body) => {
    const { sendings, authFetch } = start(status);
    const response = await authFetch('/a', { method: 'POST', body: 'x' });
    expect(response.status).toBe(200);
    expect(sendings.map((sent) => [sent.method, sent.url, sent.body])).toEqual([
      ['POST', `${here}/a`, 'x'],
      [method, `${here}/final`, body],
      [method, `${here}/final`, body],
    ]);
    expect(sendings.map(({ headers }) => headers.get('x-api-key'))).toEqual(['old', 'old', 'new']);
  });
});
