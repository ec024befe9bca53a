import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../src/fetch.js';
import { deferred } from '../support/deferred.js';
import { dpopApi, refusal } from '../support/dpop-api.js';

const ok = () => new Response('ok');

describe('a late refusal of a DPoP request', () => {
  it('for a nonce is answered with the token that is held by then, and refreshes nothing', async () => {
    const late = deferred<Response>();
    const arrived = deferred();
    const api = await dpopApi(({ url, nonce, token }) => {
      if (url.endsWith('/late') && nonce === undefined) {
        arrived.resolve();
        return late.promise;
      }
      if (nonce !== 'n-2') return refusal('use_dpop_nonce', 'n-2');
      return token === 'at-2' ? ok() : refusal('invalid_token');
    });
    const waiting = api.authFetch('/late');
    await arrived.promise;
    expect((await api.authFetch('/x')).status).toBe(200);
    expect(api.refreshes).toBe(1);
    const before = api.seen.length;
    late.resolve(refusal('use_dpop_nonce', 'n-2'));
    expect((await waiting).status).toBe(200);
    expect(api.sent.slice(before)).toEqual([['at-2', 'n-2']]);
    expect(api.refreshes).toBe(1);
  });

  it('of an old token is sent again with the new one and refreshes nothing', async () => {
    const late = deferred<Response>();
    const arrived = deferred();
    const api = await dpopApi(({ url, token }) => {
      if (token === 'at-2') return ok();
      if (!url.endsWith('/late')) return refusal('invalid_token');
      arrived.resolve();
      return late.promise;
    });
    const waiting = api.authFetch('/late');
    await arrived.promise;
    await api.authFetch('/x');
    late.resolve(refusal('invalid_token'));
    expect((await waiting).status).toBe(200);
    expect([api.seen.length, api.refreshes]).toEqual([4, 1]);
  });

  it('is delivered where the sign-in has ended, and never sent as another user', async () => {
    const late = deferred<Response>();
    const arrived = deferred();
    const api = await dpopApi(() => {
      arrived.resolve();
      return late.promise;
    });
    const waiting = api.authFetch('/late');
    await arrived.promise;
    await api.session.signOut();
    await api.session.signIn({ access_token: 'eve', token_type: 'DPoP' });
    late.resolve(refusal('use_dpop_nonce', 'n'));
    expect(outcomeOf(await waiting)).toMatchObject({ reason: 'signed-out', signInRequired: true });
    expect(api.sent).toEqual([['at-1', undefined]]);
  });
});
