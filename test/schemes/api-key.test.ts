import { describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { parseChallenges } from '../../src/protocol/challenge.js';
import { apiKey } from '../../src/schemes/api-key.js';
import type { Target } from '../../src/schemes/scheme.js';

const target: Target = { url: 'https://h.example/', method: 'GET', headers: new Headers(), body: 'none' };
const message = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

describe('apiKey', () => {
  it('throws a TypeError unless either header or query is given', () => {
    for (const key of [undefined, null, {}, { value: 'k' }, { header: 'a', query: 'b', value: 'k' }]) {
      expect(message(() => apiKey(key as never))).toContain('either `header` or `query`');
    }
  });

  it('throws a TypeError naming the option where the name cannot be written', () => {
    for (const header of ['', 'X Key', 'X-Key:', 'X-Key\r\n', 'é', 7]) {
      expect(message(() => apiKey({ header: header as string, value: 'k' }))).toContain('`header`');
    }
    for (const query of ['', '\ud800', 7]) {
      expect(message(() => apiKey({ query: query as string, value: 'k' }))).toContain('`query`');
    }
  });

  it('throws a TypeError naming `value` and not telling it where the key cannot be written', () => {
    for (const value of ['', 's3cret\n', ' s3cret', 's3\r\nX: y', 's3\u0000', 's3€', undefined, 7]) {
      const said = message(() => apiKey({ header: 'X-Key', value: value as string }));
      expect(said).toContain('`value`');
      expect(said).not.toContain('s3');
    }
    for (const value of ['', 's3\ud800', undefined]) {
      const said = message(() => apiKey({ query: 'key', value: value as string }));
      expect(said).toContain('`value`');
      expect(said).not.toContain('s3');
    }
  });

  it('throws or rejects likewise where a function returns such a key', async () => {
    const header = apiKey({ header: 'X-Key', value: () => 's3cret\n' });
    expect(message(() => header.credentials(target))).not.toContain('s3');
    const late = apiKey({ header: 'X-Key', value: async () => undefined as never });
    await expect(late.credentials(target)).rejects.toThrow('`value`');
  });

  it('has its redirects followed by hand', () => {
    expect(apiKey({ header: 'X-Key', value: 'k' }).redirects).toBe('by-hand');
    expect(apiKey({ query: 'key', value: () => 'k' }).redirects).toBe('by-hand');
  });

  it('has no remedy for a key that was refused and cannot change', () => {
    const scheme = apiKey({ header: 'X-Key', value: 'k' });
    const sent = scheme.credentials(target) as object;
    for (const field of [null, 'ApiKey', 'Bearer']) {
      expect(scheme.remedy?.(parseChallenges(field)[0], sent)).toBeUndefined();
    }
    expect(scheme.replace).toBeUndefined();
  });

  it('answers with a key that was not sent yet, unless the challenge wants another scheme', () => {
    for (const value of ['k', () => 'k']) {
      const scheme = apiKey({ header: 'X-Key', value });
      expect(scheme.remedy?.(undefined, undefined)).toBe('answer');
      expect(scheme.remedy?.(parseChallenges('ApiKey realm=r')[0], undefined)).toBe('answer');
      expect(scheme.remedy?.(parseChallenges('X-API-Key')[0], undefined)).toBe('answer');
      expect(scheme.remedy?.(parseChallenges('Basic realm=r')[0], undefined)).toBeUndefined();
    }
  });

  it('writes the header or the query parameter, whatever its name', () => {
    expect(apiKey({ header: 'X-Key', value: 'a b' }).credentials(target)).toMatchObject({
      headers: { 'X-Key': 'a b' },
    });
    expect(apiKey({ query: 'k', value: 'ü &=' }).credentials(target)).toMatchObject({ query: { k: 'ü &=' } });
    const odd = apiKey({ header: '__proto__', value: 'k' }).credentials(target) as { headers: object };
    expect(Object.keys(odd.headers)).toEqual(['__proto__']);
  });

  it('makes the same credentials once', () => {
    const scheme = apiKey({ header: 'X-Key', value: () => 'k' });
    expect(scheme.credentials(target)).toBe(scheme.credentials(target));
  });
});

describe('apiKey in an auth fetch', () => {
  function client(value: string | (() => string | Promise<string>), accepted: () => string) {
    const seen: (string | null)[] = [];
    const authFetch = createAuthFetch({
      auth: apiKey({ header: 'X-Key', value }),
      baseUrl: 'https://h.example/',
      fetch: async (input, init) => {
        const sent = new Request(input, init).headers.get('x-key');
        seen.push(sent);
        return new Response('body', { status: sent === accepted() ? 200 : 401 });
      },
    });
    return { authFetch, seen };
  }

  it('sends a refused key once', async () => {
    const { authFetch, seen } = client('k', () => 'other');
    const response = await authFetch('/a');
    expect(await response.text()).toBe('body');
    expect(outcomeOf(response)?.reason).toBe('not-answerable');
    expect(seen).toEqual(['k']);
  });

  it('reads a function for every sending', async () => {
    let key = 1;
    const { authFetch, seen } = client(
      () => `k${key}`,
      () => `k${key}`,
    );
    await authFetch('/a');
    key = 2;
    await authFetch('/a');
    expect(seen).toEqual(['k1', 'k2']);
  });

  it('sends another key after a refusal', async () => {
    const read = vi.fn(async () => (read.mock.calls.length === 1 ? 'old' : 'new'));
    const { authFetch, seen } = client(read, () => 'new');
    expect((await authFetch('/a')).status).toBe(200);
    expect(seen).toEqual(['old', 'new']);
  });

  it('does not send the same key again', async () => {
    const { authFetch, seen } = client(
      () => 'k',
      () => 'other',
    );
    const response = await authFetch('/a');
    expect(outcomeOf(response)?.reason).toBe('refused-again');
    expect(seen).toEqual(['k']);
  });

  it('replaces once, however many keys there are', async () => {
    let key = 0;
    const { authFetch, seen } = client(
      () => `k${++key}`,
      () => 'none',
    );
    expect((await authFetch('/a')).status).toBe(401);
    expect(seen).toEqual(['k1', 'k2']);
  });
});
