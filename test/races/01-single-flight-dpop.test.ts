import { describe, expect, it } from 'vitest';
import { deferred } from '../support/deferred.js';
import { dpopApi, refusal } from '../support/dpop-api.js';

const N = 20;
const ok = () => new Response('ok');
const statuses = (calls: Promise<Response>[]) =>
  Promise.all(calls).then((all) => [...new Set(all.map(({ status }) => status))]);

describe('N requests with DPoP', () => {
  it('that meet use_dpop_nonce together are each sent once more, and none refreshes', async () => {
    const all = deferred();
    const api = await dpopApi(async ({ nonce }, n) => {
      if (n === N) all.resolve();
      await all.promise;
      return nonce === 'n' ? ok() : refusal('use_dpop_nonce', 'n');
    });
    const calls = Array.from({ length: N }, (_, i) => api.authFetch(`/${i}`));
    expect(await statuses(calls)).toEqual([200]);
    expect([api.seen.length, api.refreshes]).toEqual([2 * N, 0]);
  });

  it('are each answered with the nonce of their own refusal, where a server takes every nonce once', async () => {
    const all = deferred();
    const unused = new Set<unknown>();
    let supplied = 0;
    const fresh = () => {
      unused.add(`n-${++supplied}`);
      return `n-${supplied}`;
    };
    const api = await dpopApi(async ({ nonce }, n) => {
      if (n === N) all.resolve();
      await all.promise;
      return unused.delete(nonce) ? ok() : refusal('use_dpop_nonce', fresh());
    });
    const calls = Array.from({ length: N }, (_, i) => api.authFetch(`/${i}`));
    expect(await statuses(calls)).toEqual([200]);
    expect([api.seen.length, api.refreshes]).toEqual([2 * N, 0]);
  });

  it('that meet a nonce that changes under way are each sent once more', async () => {
    const all = deferred();
    const gate = deferred();
    let current = 'n-1';
    const api = await dpopApi(async ({ url, nonce }, n) => {
      if (n === 2 + N) all.resolve();
      if (url.endsWith('/first')) return nonce === current ? ok() : refusal('use_dpop_nonce', current);
      if (nonce === 'n-1') await gate.promise;
      return nonce === current ? ok() : refusal('use_dpop_nonce', current);
    });
    await api.authFetch('/first');
    const calls = Array.from({ length: N }, (_, i) => api.authFetch(`/${i}`));
    await all.promise;
    current = 'n-2';
    gate.resolve();
    expect(await statuses(calls)).toEqual([200]);
    expect([api.seen.length, api.refreshes]).toEqual([2 + 2 * N, 0]);
  });

  it('whose token expired cause one refresh, and each is proved anew with the new token', async () => {
    const all = deferred();
    const api = await dpopApi(async ({ token }, n) => {
      if (n === N) all.resolve();
      await all.promise;
      return token === 'at-2' ? ok() : refusal('invalid_token');
    });
    const calls = Array.from({ length: N }, (_, i) => api.authFetch(`/${i}`));
    expect(await statuses(calls)).toEqual([200]);
    expect([api.seen.length, api.refreshes]).toEqual([2 * N, 1]);
  });
});
