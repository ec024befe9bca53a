import { describe, expect, it, vi } from 'vitest';
import { deferred } from '../../support/deferred.js';
import { challenge, isRight, type Seen, served } from './support.js';

const usesOf = (seen: readonly Seen[]) =>
  seen.flatMap(({ params }) => (params['nonce'] ? [`${params['nonce']} ${params['nc']}`] : []));

describe('requests at the same time', () => {
  it('never share a nonce count, whether the server gives one nonce to all or one each (3.8)', async () => {
    for (const nonceOf of [() => 'same', (n: number) => `n${n}`]) {
      const { authFetch, seen } = served((one, n) =>
        one.authorization ? new Response('ok') : challenge(`realm="r", nonce="${nonceOf(n)}", qop="auth"`),
      );
      for (let round = 0; round < 3; round++) {
        const all = await Promise.all(Array.from({ length: 20 }, (_, i) => authFetch(`/${i}`)));
        expect(all.every(({ status }) => status === 200)).toBe(true);
      }
      const uses = usesOf(seen);
      expect(uses).toHaveLength(60);
      expect(new Set(uses).size).toBe(60);
    }
  });

  it('take their count when the credentials are written: one whose body is slow to read counts later', async () => {
    const { authFetch, seen } = served((one) =>
      one.authorization && isRight(one)
        ? new Response('ok')
        : challenge('realm="r", nonce="n", qop="auth-int"'),
    );
    await authFetch('/first');
    const slow = deferred<ArrayBuffer>();
    const blob = new Blob(['body']);
    const read = blob.arrayBuffer.bind(blob);
    vi.spyOn(blob, 'arrayBuffer').mockImplementation(() => slow.promise);
    const late = authFetch('/slow', { method: 'POST', body: blob });
    expect((await authFetch('/quick')).status).toBe(200);
    slow.resolve(await read());
    expect((await late).status).toBe(200);
    expect(seen.map(({ path, params }) => [path, params['nc']])).toEqual([
      ['/first', undefined],
      ['/first', '00000001'],
      ['/quick', '00000002'],
      ['/slow', '00000003'],
    ]);
  });

  it('that find their shared nonce stale each answer the challenge they were given', async () => {
    let good = 'n1';
    let given = 1;
    const nonces = new Set(['n1']);
    const { authFetch, seen } = served((one) => {
      if (one.params['nonce'] && nonces.has(one.params['nonce'])) return new Response('ok');
      const nonce = one.authorization ? `n${++given}` : good;
      nonces.add(nonce);
      return challenge(`realm="r", nonce="${nonce}", qop="auth", stale=${one.authorization !== null}`);
    });
    await authFetch('/');
    nonces.delete('n1');
    good = 'n2';
    seen.length = 0;
    const all = await Promise.all(Array.from({ length: 8 }, (_, i) => authFetch(`/${i}`)));
    expect(all.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(seen).toHaveLength(16);
    expect(new Set(usesOf(seen)).size).toBe(16);
    // one of the eight new nonces goes on
    seen.length = 0;
    await Promise.all([authFetch('/a'), authFetch('/b')]);
    expect(seen).toHaveLength(2);
    expect(usesOf(seen).map((use) => use.slice(-1))).toEqual(['2', '3']);
  });

  it('do not bring a dead nonce back when one of them is answered late', async () => {
    const slow = deferred<void>();
    let good = 'n1';
    const { authFetch, seen } = served(async (one) => {
      const isGood = one.params['nonce'] === good;
      if (one.path === '/slow' && one.authorization) await slow.promise;
      return isGood ? new Response('ok') : challenge(`realm="r", nonce="${good}", qop="auth", stale=true`);
    });
    await authFetch('/');
    const late = authFetch('/slow');
    await vi.waitFor(() => expect(seen).toHaveLength(3));
    good = 'n2';
    await authFetch('/');
    slow.resolve();
    expect((await late).status).toBe(200);
    seen.length = 0;
    await authFetch('/');
    expect(usesOf(seen)).toEqual(['n2 00000002']);
  });
});
