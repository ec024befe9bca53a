import { describe, expect, it } from 'vitest';
import { type AuthEvent, bearer, createAuthFetch, outcomeOf } from '../../src/fetch.js';
import { API, challenged, resource, signedIn } from '../support/spec-resource.js';

const secret = 'a1.b-2_c~3+/==';

describe('a bearer token', () => {
  it('stands in one place of the request: the Authorization field', async () => {
    const below = resource(() => new Response('ok'));
    const authFetch = createAuthFetch({ baseUrl: API, auth: bearer(secret), fetch: below.fetch });
    for (const input of [`${API}/x?q=1#f`, new Request(`${API}/x?q=1`)]) {
      await authFetch(input, { method: 'POST', body: new URLSearchParams({ a: 'b' }) });
    }
    for (const { url, headers, body, init } of below.sent) {
      expect(url).toMatch(/^https:\/\/api\.example\.com\/x\?q=1(#f)?$/);
      expect(body).toBe('a=b');
      expect(init.credentials).toBeUndefined();
      const places = [...headers].filter(([, value]) => value.includes(secret));
      expect(places).toEqual([['authorization', `Bearer ${secret}`]]);
    }
    expect(below.sent).toHaveLength(2);
  });

  it('may be written with what token68 has not, as servers do, and never with a blank or a line end', () => {
    for (const token of ['12|abc', 'a:b', 'a"b']) expect(() => bearer(token)).not.toThrow();
    for (const token of ['a b', 'a\tb', 'a\rb', 'a\nb', 'a\u0000b', 'a\u007fb', ' a']) {
      expect(() => bearer(token)).toThrow(TypeError);
    }
  });
});

describe('what a server says about an error', () => {
  it('is told without control characters, and its URI is not followed', async () => {
    const events: AuthEvent[] = [];
    const field =
      'Bearer error="invalid_token", error_description="one\ttwo\u0085\u009b31m<b>\u00e9", error_uri="https://evil.example/"';
    const { below, authFetch } = await signedIn(() => challenged(field), {
      observe: (event) => void events.push(event),
    });
    const response = await authFetch('/x');
    const told = outcomeOf(response)?.challenges[0]?.params;
    expect(told?.['error_description']).toBe('onetwo31m<b>');
    expect(JSON.stringify(events)).not.toMatch(/\\t|\u0085|\u009b|\u00e9/);
    expect(events.length).toBeGreaterThan(0);
    expect(new Set(below.sent.map(({ url }) => url))).toEqual(new Set([`${API}/x`]));
  });
});

describe('the scopes of a challenge', () => {
  it.each(['a b', 'b a', 'a b a', '  a   b ', ''])('may be in any order, and twice: %j', async (scope) => {
    for (const status of [401, 403]) {
      const { below, tokens, authFetch } = await signedIn(
        () =>
          new Response('why', {
            status,
            headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
          }),
      );
      expect(outcomeOf(await authFetch('/x'))).toMatchObject({ reason: 'insufficient-scope', sendings: 1 });
      expect([below.sent.length, tokens.refreshes]).toEqual([1, 0]);
    }
  });

  it('are handed to the caller whole, however long', async () => {
    const scope = Array.from({ length: 100 }, (_, i) => `https://scopes.example/${i}!#[]~`).join(' ');
    const { authFetch } = await signedIn(() =>
      challenged(`Bearer error=insufficient_scope, scope="${scope}"`),
    );
    expect(outcomeOf(await authFetch('/x'))?.challenges[0]?.params['scope']).toBe(scope);
  });
});
