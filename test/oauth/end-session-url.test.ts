import { describe, expect, it, vi } from 'vitest';
import { endSessionUrl, oauthProvider } from '../../src/oauth/index.js';
import { authorizationServer, issuer, metadataUrl, rejection, tokenUrl } from './authorization-server.js';
import { able, asked } from './flow.js';

function at(metadata: Record<string, unknown> = {}) {
  const server = authorizationServer({ [metadataUrl]: () => able(metadata) });
  return { ...server, idp: oauthProvider({ issuer, clientId: 'spa', fetch: server.fetch }) };
}

describe('endSessionUrl', () => {
  it.each([
    ['idToken', ''],
    ['idToken', 5],
    ['postLogoutRedirectUri', ''],
    ['postLogoutRedirectUri', {}],
  ])('takes no %s %j', async (option, value) => {
    const { idp, requests } = at();
    const error = await rejection(endSessionUrl(idp, { [option]: value }));
    expect([error instanceof TypeError, error.message.startsWith(option), requests.length]).toEqual([
      true,
      true,
      0,
    ]);
  });

  it.each([undefined, 'javascript:alert(1)', 'http://id.example.com/', '/logout', 5])(
    'leads to no end_session_endpoint %j',
    async (end_session_endpoint) => {
      expect(await rejection(endSessionUrl(at({ end_session_endpoint }).idp))).toMatchObject({
        code: 'refresh-misconfigured',
        message: expect.stringContaining('end_session_endpoint'),
      });
    },
  );

  it('is misconfigured for a server that is given by its endpoints', async () => {
    expect(await rejection(endSessionUrl({ tokenEndpoint: tokenUrl, clientId: 'spa' }))).toMatchObject({
      code: 'refresh-misconfigured',
    });
  });

  it('is unavailable at a server that is busy or does not answer in time, and leaves no timer', async () => {
    const busy = authorizationServer({ [metadataUrl]: new Response(null, { status: 503 }) });
    const { fetch } = authorizationServer({ [metadataUrl]: () => new Promise(() => {}) });
    expect(await rejection(endSessionUrl({ issuer, clientId: 'spa', fetch: busy.fetch }))).toMatchObject({
      code: 'refresh-unavailable',
    });
    vi.useFakeTimers();
    const waiting = rejection(endSessionUrl({ issuer, clientId: 'spa', fetch }));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await waiting).toMatchObject({ code: 'refresh-unavailable' });
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('uses the platform’s fetch, looked up at the call', async () => {
    const { fetch, requests } = at();
    const idp = oauthProvider({ issuer, clientId: 'spa' });
    vi.stubGlobal('fetch', fetch);
    await endSessionUrl(idp);
    vi.unstubAllGlobals();
    expect(requests).toHaveLength(1);
  });

  it('says the client, whose session it is, and where the user comes back to', async () => {
    const { idp } = at({ end_session_endpoint: `${issuer}/logout?tenant=t` });
    expect(asked(await endSessionUrl(idp))).toEqual({ tenant: 't', client_id: 'spa' });
    const all = { idToken: 'a.b.c', postLogoutRedirectUri: 'https://app.example.com/?a=b&c' };
    expect(asked(await endSessionUrl(idp, all))).toEqual({
      tenant: 't',
      client_id: 'spa',
      id_token_hint: 'a.b.c',
      post_logout_redirect_uri: 'https://app.example.com/?a=b&c',
    });
  });
});
