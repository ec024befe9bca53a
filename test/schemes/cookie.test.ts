import { describe, expect, it } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { parseChallenges } from '../../src/protocol/challenge.js';
import { cookie } from '../../src/schemes/cookie.js';
import type { Target } from '../../src/schemes/scheme.js';
import { cookieSessionOver, FakeCore, ORIGIN, refuse } from '../fetch/support.js';

const target = { url: `${ORIGIN}/`, begun: 'life' } as Target;

describe('cookie', () => {
  it('reads the header against forgery anew for every sending, also after a renewal', async () => {
    const core = new FakeCore('');
    let count = 0;
    core.csrf = { header: 'X-CSRF', token: () => `c${++count}` };
    const sent: (readonly [unknown, unknown])[] = [];
    const fetch = async (_input: unknown, init?: RequestInit) => {
      sent.push([new Headers(init?.headers).get('x-csrf'), init?.credentials]);
      return sent.length === 1 ? refuse(null) : new Response();
    };
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: cookieSessionOver(core), fetch });
    expect((await authFetch(`${ORIGIN}/x`)).status).toBe(200);
    expect(sent).toEqual([
      ['c1', 'include'],
      ['c2', 'include'],
    ]);
  });

  it('waits for a header that is not there yet, and sends none where there is none', async () => {
    const core = new FakeCore('');
    core.csrf = { header: 'X-CSRF', token: async () => undefined };
    const scheme = cookie(cookieSessionOver(core));
    expect(await scheme.credentials(target)).toMatchObject({ cookies: true, headers: undefined });
    core.csrf = { header: 'X-CSRF', token: async () => 'late' };
    const other = cookie(cookieSessionOver(core));
    const credentials = await other.credentials(target);
    expect(credentials).toMatchObject({ headers: { 'X-CSRF': 'late' } });
    expect(await other.replace?.(credentials as object, target, undefined)).toMatchObject({
      credentials: { headers: { 'X-CSRF': 'late' } },
      minted: true,
    });
  });

  it('follows redirects by hand only where it writes a header', () => {
    const core = new FakeCore('');
    expect(cookie(cookieSessionOver(core)).redirects).toBe('fetch');
    core.csrf = { header: 'X-CSRF', token: () => 'x' };
    expect(cookie(cookieSessionOver(core)).redirects).toBe('by-hand');
  });

  it('sends no cookies for a session that is signed out', async () => {
    const core = new FakeCore(null);
    const fetch = async (_input: unknown, init?: RequestInit) => new Response(init?.credentials ?? 'none');
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: cookieSessionOver(core), fetch });
    expect(await (await authFetch(`${ORIGIN}/x`)).text()).toBe('none');
    expect(core.acceptedTokens).toEqual([]);
  });

  it('delivers why the session has no other cookies', async () => {
    const core = new FakeCore(null);
    const authFetch = createAuthFetch({
      origins: ORIGIN,
      auth: cookieSessionOver(core),
      fetch: async () => refuse(),
    });
    expect(outcomeOf(await authFetch(`${ORIGIN}/x`))).toMatchObject({
      reason: 'signed-out',
      signInRequired: true,
    });
  });

  it('leaves what asks for more than a fresh session alone', () => {
    const scheme = cookie(cookieSessionOver(new FakeCore('')));
    const [challenge] = parseChallenges('Bearer error="insufficient_scope"');
    expect(scheme.remedy?.(challenge, { cookies: true })).toBeUndefined();
    expect(scheme.remedy?.(undefined, undefined)).toBe('answer');
  });

  it('waits for the session', async () => {
    const core = new FakeCore('');
    const { held } = core;
    core.current = () => Promise.resolve(held);
    const scheme = cookie(cookieSessionOver(core));
    expect(await scheme.credentials(target)).toEqual({ cookies: true, version: held });
    core.renew = async () => ({ undelivered: 'read-only' });
    expect(await scheme.replace?.({ version: held }, target, undefined)).toEqual({
      undelivered: 'read-only',
    });
  });
});
