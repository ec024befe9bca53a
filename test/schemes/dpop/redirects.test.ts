import { describe, expect, it } from 'vitest';
import { dpopApi, refusal } from '../../support/dpop-api.js';
import { API } from '../../support/spec-resource.js';

const to = (location: string, status = 307, nonce?: string) =>
  new Response(null, { status, headers: { location, ...(nonce && { 'dpop-nonce': nonce }) } });

describe('dpop, along redirects', () => {
  it('proves every hop for its own URL and method', async () => {
    const { authFetch, seen } = await dpopApi(({ url }) =>
      url.endsWith('/a') ? to('/b') : url.endsWith('/b') ? to('/c?d=e', 303) : new Response('ok'),
    );
    const response = await authFetch('/a', { method: 'POST', body: 'sent' });
    expect([response.status, response.redirected]).toEqual([200, true]);
    expect(seen.map(({ proof }) => [proof?.claims['htm'], proof?.claims['htu']])).toEqual([
      ['POST', `${API}/a`],
      ['POST', `${API}/b`],
      ['GET', `${API}/c`],
    ]);
    expect(seen.map(({ body }) => body)).toEqual(['sent', 'sent', '']);
  });

  it('leaves the fetch below nothing to follow', async () => {
    const { authFetch, seen } = await dpopApi(() => new Response('ok'));
    await authFetch('/a');
    expect(seen[0]?.init.redirect).toBe('manual');
  });

  it('hands neither token nor proof to another origin, nor to what comes back from there', async () => {
    const { authFetch, seen } = await dpopApi(({ url }) =>
      url === `${API}/a`
        ? to('https://evil.example.com/')
        : url === `${API}/b`
          ? refusal('use_dpop_nonce', 'n')
          : to(`${API}/b`, 307, 'evil'),
    );
    expect((await authFetch('/a')).status).toBe(401);
    const fields = ({ headers }: (typeof seen)[number]) => [
      headers.get('authorization'),
      headers.get('dpop'),
    ];
    expect(seen.map(({ url }) => url)).toEqual([`${API}/a`, 'https://evil.example.com/', `${API}/b`]);
    expect(seen.slice(1).map(fields)).toEqual([
      [null, null],
      [null, null],
    ]);
    // and that server's nonce to nobody
    await authFetch('/c');
    expect(seen[3]?.nonce).toBe('n');
  });

  it('proves with a nonce of its own at another origin that may see the token', async () => {
    const other = 'https://other.example.com';
    const { authFetch, seen } = await dpopApi(
      ({ url }) => (url === `${API}/a` ? to(`${other}/b`, 307, 'api') : new Response('ok')),
      { origins: [API, other] },
    );
    await authFetch('/a');
    await authFetch('/x');
    expect(seen.map(({ url, nonce }) => [url, nonce])).toEqual([
      [`${API}/a`, undefined],
      [`${other}/b`, undefined],
      // what the redirect supplied
      [`${API}/x`, 'api'],
    ]);
  });

  it('answers a nonce that is asked for after a redirect, there', async () => {
    const api = await dpopApi(({ url, nonce }) =>
      url === `${API}/a` ? to('/b') : nonce === 'n' ? new Response('ok') : refusal('use_dpop_nonce', 'n'),
    );
    expect((await api.authFetch('/a')).status).toBe(200);
    expect(api.seen.map(({ url }) => url)).toEqual([`${API}/a`, `${API}/b`, `${API}/b`]);
    expect(api.refreshes).toBe(0);
  });

  it('fails where a browser does not tell where the redirect leads', async () => {
    const opaque = () => Object.defineProperty(new Response(), 'type', { value: 'opaqueredirect' });
    const { authFetch, seen } = await dpopApi(opaque);
    await expect(authFetch('/a')).rejects.toThrow(TypeError);
    expect(seen).toHaveLength(1);
  });

  it('keeps a nonce of a platform that followed by itself for the server that supplied it', async () => {
    const final = (nonce: string) =>
      Object.defineProperty(refusal('use_dpop_nonce', nonce), 'url', { value: 'https://evil.example.com/' });
    const { authFetch, seen } = await dpopApi(() => final('evil'));
    expect((await authFetch('/a')).status).toBe(401);
    await authFetch('/a');
    expect(seen.map(({ nonce }) => nonce)).toEqual([undefined, undefined]);
  });
});
