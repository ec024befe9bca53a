import { describe, expect, it } from 'vitest';
import { deferred } from '../../support/deferred.js';
import { challenge, isRight, MUFASA, nodeHash, type Seen, served } from './support.js';

/**
 * As Apache does with one-time nonces: of each client, told by its opaque, only the nonce given last is good, and only
 * once; who sends no opaque is a new client.
 */
function oneTime() {
  const last = new Map<string, string>();
  let n = 0;
  const next = (opaque: string) => {
    const nonce = `nonce-${++n}`;
    last.set(opaque, nonce);
    return nonce;
  };
  return (one: Seen): Response => {
    const { opaque = `client-${last.size}`, nonce } = one.params;
    if (nonce === undefined)
      return challenge(`realm="r", nonce="${next(opaque)}", opaque="${opaque}", qop="auth"`);
    if (!isRight(one)) return challenge(`realm="r", nonce="${next(opaque)}", opaque="${opaque}", qop="auth"`);
    if (last.get(opaque) !== nonce) {
      return challenge(`realm="r", nonce="${next(opaque)}", opaque="${opaque}", qop="auth", stale=true`);
    }
    const headers = { 'Authentication-Info': `nextnonce="${next(opaque)}"` };
    // errors do not tell it
    return one.path === '/missing' ? new Response('', { status: 404 }) : new Response('ok', { headers });
  };
}

const usesOf = (seen: readonly Seen[]) =>
  seen.flatMap(({ params }) => (params['nonce'] ? [`${params['nonce']} ${params['nc']}`] : []));

describe('one-time nonces', () => {
  it('are taken from nextnonce, each once, and none is refused (3.21)', async () => {
    const { authFetch, seen } = served(oneTime());
    for (let i = 0; i < 6; i++) expect((await authFetch(`/${i}`)).status).toBe(200);
    expect(seen).toHaveLength(7);
    expect(usesOf(seen)).toEqual([1, 3, 5, 7, 9, 11].map(() => expect.any(String)));
    expect(new Set(usesOf(seen)).size).toBe(6);
    expect(seen.slice(1).every(({ params }) => params['nc'] === '00000001')).toBe(true);
  });

  it('belong to one request each: as many at once as there are nonces, the others are challenged', async () => {
    const { authFetch, seen } = served(oneTime());
    await authFetch('/');
    for (const [round, sendings] of [
      [1, 19],
      [2, 10],
      [3, 10],
    ] as const) {
      seen.length = 0;
      const all = await Promise.all(Array.from({ length: 10 }, (_, i) => authFetch(`/${i}`)));
      expect(
        all.map(({ status }) => status),
        `round ${round}`,
      ).toEqual(Array(10).fill(200));
      expect(seen, `round ${round}`).toHaveLength(sendings);
      expect(new Set(usesOf(seen)).size).toBe(10);
    }
  });

  it('are not shared after an error, which tells no next one', async () => {
    const { authFetch, seen } = served(oneTime());
    for (let round = 0; round < 3; round++) {
      expect((await authFetch('/missing')).status).toBe(404);
      const all = await Promise.all(Array.from({ length: 10 }, (_, i) => authFetch(`/${i}`)));
      expect(
        all.map(({ status }) => status),
        `round ${round}`,
      ).toEqual(Array(10).fill(200));
    }
    expect(new Set(usesOf(seen)).size).toBe(usesOf(seen).length);
  });

  it('are lost with a request that ends without an answer, and no more than that', async () => {
    const answer = oneTime();
    let breaks = false;
    const { authFetch, seen } = served((one) => {
      if (breaks) throw new TypeError('fetch failed');
      return answer(one);
    });
    await authFetch('/');
    breaks = true;
    await expect(authFetch('/')).rejects.toThrow('fetch failed');
    breaks = false;
    seen.length = 0;
    expect((await authFetch('/')).status).toBe(200);
    expect((await authFetch('/')).status).toBe(200);
    expect(seen).toHaveLength(3);
  });

  it('are shared again by a server that lets one be used twice', async () => {
    let isRotating = true;
    const { authFetch, seen } = served((one) => {
      if (!one.authorization) return challenge('realm="r", nonce="n0", qop="auth"');
      const headers: Record<string, string> = isRotating ? { 'Authentication-Info': 'nextnonce="n1"' } : {};
      return new Response('ok', { headers });
    });
    await authFetch('/');
    isRotating = false;
    await authFetch('/');
    await Promise.all([authFetch('/'), authFetch('/'), authFetch('/')]);
    expect(usesOf(seen)).toEqual(['n0 00000001', 'n1 00000001', 'n1 00000002', 'n1 00000003', 'n1 00000004']);
  });

  it('count from 1 where a shared nonce is followed by the next one, and one that is over is forgotten', async () => {
    const slow = deferred<void>();
    let next = '';
    const { authFetch, seen } = served(async (one) => {
      if (!one.authorization) return challenge('realm="r", nonce="n0", qop="auth"');
      if (one.path === '/slow') await slow.promise;
      const headers: Record<string, string> =
        next === '' ? {} : { 'Authentication-Info': `nextnonce="${next}"` };
      return new Response('ok', { headers });
    });
    await authFetch('/');
    const late = authFetch('/slow');
    next = 'n1';
    await authFetch('/');
    next = 'n2';
    slow.resolve();
    await late;
    next = '';
    await authFetch('/');
    await authFetch('/');
    expect(usesOf(seen)).toEqual(['n0 00000001', 'n0 00000002', 'n0 00000003', 'n1 00000001', 'n1 00000002']);
  });

  it('keep the key of a session that they go on: nonce and cnonce of its start (3.15)', async () => {
    const seen: Seen[] = [];
    let n = 0;
    const client = served(
      (one) => {
        seen.push(one);
        if (!one.authorization) return challenge('realm="r", nonce="n0", qop="auth", algorithm=SHA-256-sess');
        return new Response('ok', { headers: { 'Authentication-Info': `nextnonce="n${seen.length}"` } });
      },
      MUFASA,
      { cnonce: () => `c${++n}` },
    );
    for (let i = 0; i < 3; i++) await client.authFetch('/');
    expect(seen.slice(1).map(({ params }) => [params['nonce'], params['cnonce'], params['nc']])).toEqual([
      ['n0', 'c1', '00000001'],
      ['n2', 'c1', '00000001'],
      ['n3', 'c1', '00000001'],
    ]);
    expect(isRight(seen[1] as Seen)).toBe(true);
    const last = (seen[3] as Seen).params;
    const hash = (text: string) => nodeHash('sha-256', text);
    const key = hash(`${hash('Mufasa:r:Circle of Life')}:n0:c1`);
    expect(last['response']).toBe(hash(`${key}:n3:00000001:c1:auth:${hash('GET:/')}`));
  });

  it.each(['', 'a\u0001b'])('are not taken from a nextnonce that says nothing: %j', async (nextnonce) => {
    const { authFetch, seen } = served((one) => {
      if (!one.authorization) return challenge('realm="r", nonce="n0", qop="auth"');
      const response = new Response('ok');
      // what Headers would refuse to hold
      const get = (name: string) =>
        name.toLowerCase() === 'authentication-info' ? `nextnonce="${nextnonce}"` : null;
      return Object.defineProperty(response, 'headers', { value: { get } });
    });
    await authFetch('/');
    await authFetch('/');
    expect(usesOf(seen)).toEqual(['n0 00000001', 'n0 00000002']);
  });
});
