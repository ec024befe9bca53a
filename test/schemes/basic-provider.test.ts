import { describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { parseChallenges } from '../../src/protocol/challenge.js';
import { basic, type UserPassword, type UserPasswordProvider } from '../../src/schemes/basic.js';

const HOST = 'https://h.example';

/** A server that knows the passwords of its realms: a realm is a top directory, `open` is public. */
function server(passwords: Record<string, string>, field = (realm: string) => `Basic realm="${realm}"`) {
  const seen: string[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const realm = url.pathname.split('/')[1] ?? '';
    const given = request.headers.get('authorization');
    const user = given === null ? '-' : Buffer.from(given.slice(6), 'base64').toString();
    seen.push(`${url.pathname} ${user}`);
    if (realm === 'open' || user === `u:${passwords[realm]}`) return new Response('ok');
    const challenge = field(realm);
    return new Response('no', { status: 401, headers: challenge ? { 'WWW-Authenticate': challenge } : {} });
  };
  return { fetch, seen, passwords };
}

function client(provider: UserPasswordProvider, at: ReturnType<typeof server>) {
  return createAuthFetch({ auth: basic(provider), baseUrl: HOST, fetch: at.fetch });
}

const user = (password: string): UserPassword => ({ username: 'u', password });

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

describe('basic with a provider', () => {
  it('asks nobody for what is not challenged', async () => {
    const at = server({});
    const provider = vi.fn<UserPasswordProvider>();
    await client(provider, at)('/open/a');
    expect(provider).not.toHaveBeenCalled();
    expect(at.seen).toEqual(['/open/a -']);
  });

  it('is told the realm, the URL and whether the last credentials were refused (2.9)', async () => {
    const at = server({ r: 'right' });
    const provider = vi.fn<UserPasswordProvider>(async ({ refused }) => user(refused ? 'right' : 'wrong'));
    const response = await client(provider, at)('/r/a');
    expect(response.status).toBe(200);
    expect(provider.mock.calls).toEqual([
      [{ realm: 'r', refused: false, url: `${HOST}/r/a` }],
      [{ realm: 'r', refused: true, url: `${HOST}/r/a` }],
    ]);
    expect(at.seen).toEqual(['/r/a -', '/r/a u:wrong', '/r/a u:right']);
  });

  it('ends where the provider returns the refused credentials again', async () => {
    const at = server({ r: 'right' });
    const provider = vi.fn<UserPasswordProvider>(() => user('wrong'));
    const response = await client(provider, at)('/r/a');
    expect(await response.text()).toBe('no');
    expect(outcomeOf(response)?.reason).toBe('refused-again');
    expect(at.seen).toEqual(['/r/a -', '/r/a u:wrong']);
    expect(provider).toHaveBeenCalledTimes(2);
  });

  it('ends after two wrong passwords, and does not send the last one again', async () => {
    const at = server({ r: 'right' });
    let asked = 0;
    const authFetch = client(() => user(`wrong${++asked}`), at);
    expect((await authFetch('/r/a')).status).toBe(401);
    expect(at.seen).toEqual(['/r/a -', '/r/a u:wrong1', '/r/a u:wrong2']);
    at.seen.length = 0;
    expect((await authFetch('/r/b')).status).toBe(401);
    expect(at.seen).toEqual(['/r/b -', '/r/b u:wrong3', '/r/b u:wrong4']);
  });

  it('delivers the refusal where the provider has no credentials', async () => {
    const at = server({ r: 'right' });
    const response = await client(() => undefined, at)('/r/a');
    expect(await response.text()).toBe('no');
    expect(outcomeOf(response)?.reason).toBe('no-credentials');
    expect(at.seen).toEqual(['/r/a -']);
  });

  it('delivers the refusal where the provider has no others than those refused', async () => {
    const at = server({ r: 'right' });
    const response = await client(({ refused }) => (refused ? undefined : user('wrong')), at)('/r/a');
    expect(response.status).toBe(401);
    expect(outcomeOf(response)?.reason).toBe('no-credentials');
  });

  it('rejects with the provider’s own error, and asks again at the next call', async () => {
    const at = server({ r: 'right' });
    const closed = new Error('prompt closed');
    const provider = vi
      .fn<UserPasswordProvider>(() => user('right'))
      .mockImplementationOnce(() => {
        throw closed;
      });
    const authFetch = client(provider, at);
    await expect(authFetch('/r/a')).rejects.toBe(closed);
    expect((await authFetch('/r/a')).status).toBe(200);
  });

  it('rejects with a TypeError where the provider returns what Basic cannot encode', async () => {
    const authFetch = client(() => ({ username: 's3:cret', password: '' }), server({ r: 'x' }));
    const error = await authFetch('/r/a').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain('`username`');
    expect(String(error)).not.toContain('s3');
  });

  it('shares one prompt among all requests that wait, and asks for each realm', async () => {
    const at = server({ r: 'one', s: 'two' });
    const prompts = { r: deferred<UserPassword>(), s: deferred<UserPassword>() };
    const provider = vi.fn<UserPasswordProvider>(({ realm }) => prompts[realm as 'r' | 's'].promise);
    const authFetch = client(provider, at);
    const calls = ['/r/a', '/r/b', '/s/a', '/r/c'].map((path) => authFetch(path));
    await vi.waitFor(() => expect(provider).toHaveBeenCalledTimes(2));
    prompts.s.resolve(user('two'));
    prompts.r.resolve(user('one'));
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(provider).toHaveBeenCalledTimes(2);
  });

  it('shares the second prompt too when all were refused, each call sending each password once', async () => {
    const at = server({ r: 'right' });
    const provider = vi.fn<UserPasswordProvider>(async ({ refused }) => user(refused ? 'right' : 'wrong'));
    const authFetch = client(provider, at);
    const responses = await Promise.all(['/r/a', '/r/b', '/r/c'].map((path) => authFetch(path)));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(provider).toHaveBeenCalledTimes(2);
    expect(new Set(at.seen).size).toBe(at.seen.length);
  });

  it('frees a caller who aborts, and leaves the prompt to the others', async () => {
    const at = server({ r: 'right' });
    const prompt = deferred<UserPassword>();
    const provider = vi.fn<UserPasswordProvider>(() => prompt.promise);
    const authFetch = client(provider, at);
    const leaver = new AbortController();
    const left = authFetch('/r/a', { signal: leaver.signal });
    const stays = authFetch('/r/b');
    await vi.waitFor(() => expect(provider).toHaveBeenCalled());
    leaver.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    prompt.resolve(user('right'));
    expect((await stays).status).toBe(200);
    expect(provider).toHaveBeenCalledTimes(1);
  });

  it('sends what was accepted without being asked for, at and below the path, and nowhere else (2.7)', async () => {
    const at = server({ r: 'right', s: 'right' });
    const provider = vi.fn<UserPasswordProvider>(({ realm }) => (realm === 'r' ? user('right') : undefined));
    const authFetch = createAuthFetch({
      auth: basic(provider),
      baseUrl: HOST,
      origins: [HOST, 'https://h.example:8443', 'http://h.example'],
      allowInsecure: ['http://h.example'],
      fetch: at.fetch,
    });
    await authFetch('/r/docs/a?q=/r/');
    at.seen.length = 0;
    for (const path of ['/r/docs/b', '/r/docs/c/d?x', '/open/a', '/r2', '/']) await authFetch(path);
    expect(at.seen).toEqual(['/r/docs/b u:right', '/r/docs/c/d u:right', '/open/a -', '/r2 -', '/ -']);
    at.seen.length = 0;
    provider.mockReturnValue(undefined);
    for (const origin of ['https://h.example:8443', 'http://h.example']) {
      await authFetch(`${origin}/r/docs/b`);
      expect(provider).toHaveBeenLastCalledWith({ realm: 'r', refused: false, url: `${origin}/r/docs/b` });
    }
    expect(at.seen).toEqual(['/r/docs/b -', '/r/docs/b -']);
  });

  it('uses what it has for another path of the realm, but only when challenged', async () => {
    const at = server({ r: 'right' });
    const provider = vi.fn<UserPasswordProvider>(() => user('right'));
    const authFetch = client(provider, at);
    await authFetch('/r/a/x');
    await authFetch('/r/b/x');
    await authFetch('/r/b/y');
    expect(provider).toHaveBeenCalledTimes(1);
    expect(at.seen).toEqual(['/r/a/x -', '/r/a/x u:right', '/r/b/x -', '/r/b/x u:right', '/r/b/y u:right']);
  });

  it('asks again when the password was changed, and no longer sends the old one', async () => {
    const at = server({ r: 'old' });
    const provider = vi.fn<UserPasswordProvider>(({ refused }) => user(refused ? 'new' : 'old'));
    const authFetch = client(provider, at);
    await authFetch('/r/a');
    at.passwords['r'] = 'new';
    at.seen.length = 0;
    expect((await authFetch('/r/b')).status).toBe(200);
    expect((await authFetch('/r/c')).status).toBe(200);
    expect(at.seen).toEqual(['/r/b u:old', '/r/b u:new', '/r/c u:new']);
  });

  it('keeps the credentials of one realm when another realm challenges below it', async () => {
    const at = server({ r: 'right' }, (realm) => `Basic realm="${realm}"`);
    const inner = { ...at };
    inner.fetch = async (input, init) => {
      const request = new Request(input, init);
      if (!request.url.includes('/r/inner/')) return at.fetch(input, init);
      at.seen.push(`inner ${request.headers.has('authorization')}`);
      const given = Buffer.from(request.headers.get('authorization')?.slice(6) ?? '', 'base64').toString();
      if (given === 'u:deep') return new Response('ok');
      return new Response('no', { status: 401, headers: { 'WWW-Authenticate': 'Basic realm=inner' } });
    };
    const provider = vi.fn<UserPasswordProvider>(({ realm }) => user(realm === 'r' ? 'right' : 'deep'));
    const authFetch = client(provider, inner);
    await authFetch('/r/a');
    expect((await authFetch('/r/inner/a')).status).toBe(200);
    at.seen.length = 0;
    expect((await authFetch('/r/inner/b')).status).toBe(200);
    expect((await authFetch('/r/b')).status).toBe(200);
    expect(at.seen).toEqual(['inner true', '/r/b u:right']);
    expect(provider).toHaveBeenCalledTimes(2);
  });

  it('answers a 401 that has no challenge: nobody else is configured', async () => {
    const at = server({ r: 'right' }, () => '');
    const provider = vi.fn<UserPasswordProvider>(() => user('right'));
    expect((await client(provider, at)('/r/a')).status).toBe(200);
    expect(provider).toHaveBeenCalledWith({ realm: undefined, refused: false, url: `${HOST}/r/a` });
  });

  it('takes a server error for neither acceptance nor refusal', async () => {
    const at = server({ r: 'right' });
    let down = true;
    const failing = { ...at };
    failing.fetch = async (input, init) => {
      const response = await at.fetch(input, init);
      return response.ok && down ? new Response('down', { status: 503 }) : response;
    };
    const provider = vi.fn<UserPasswordProvider>(() => user('right'));
    const authFetch = client(provider, failing);
    expect((await authFetch('/r/a')).status).toBe(503);
    down = false;
    at.seen.length = 0;
    await authFetch('/r/b');
    await authFetch('/r/c');
    expect(at.seen).toEqual(['/r/b -', '/r/b u:right', '/r/c u:right']);
    expect(provider).toHaveBeenCalledTimes(1);
  });

  it('replays a late refusal with what replaced it, and asks nobody', async () => {
    const at = server({ r: 'old' });
    const held = deferred<void>();
    const slow = { ...at };
    slow.fetch = async (input, init) => {
      const response = await at.fetch(input, init);
      if (String(input).includes('/slow')) await held.promise;
      return response;
    };
    const provider = vi.fn<UserPasswordProvider>(({ refused }) => user(refused ? 'new' : 'old'));
    const authFetch = client(provider, slow);
    await authFetch('/r/a');
    at.passwords['r'] = 'new';
    const late = authFetch('/r/slow');
    await authFetch('/r/b');
    expect(provider).toHaveBeenCalledTimes(2);
    at.seen.length = 0;
    held.resolve();
    expect((await late).status).toBe(200);
    expect(at.seen).toEqual(['/r/slow u:new']);
    expect(provider).toHaveBeenCalledTimes(2);
  });

  it('asks for others where isUnauthorized sees the refusal in another status', async () => {
    const seen: string[] = [];
    const provider = vi.fn<UserPasswordProvider>(({ refused }) => user(refused ? 'new' : 'old'));
    let valid = 'old';
    const authFetch = createAuthFetch({
      auth: basic(provider),
      baseUrl: HOST,
      isUnauthorized: ({ status }) => status === 419,
      fetch: async (input, init) => {
        const given = new Request(input, init).headers.get('authorization');
        seen.push(given === null ? '-' : Buffer.from(given.slice(6), 'base64').toString());
        if (given === null)
          return new Response('', { status: 401, headers: { 'WWW-Authenticate': 'Basic' } });
        return new Response('', { status: seen.at(-1) === `u:${valid}` ? 200 : 419 });
      },
    });
    await authFetch('/a');
    valid = 'new';
    expect((await authFetch('/a')).status).toBe(200);
    expect(seen).toEqual(['-', 'u:old', 'u:old', 'u:new']);
    expect(provider).toHaveBeenLastCalledWith({ realm: undefined, refused: true, url: `${HOST}/a` });
  });

  it('has no others for what it did not send', async () => {
    const scheme = basic(() => user('x'));
    const target = { url: `${HOST}/a`, method: 'GET', headers: new Headers(), body: 'none' } as const;
    expect(await scheme.replace?.({}, target, undefined)).toEqual({ undelivered: 'no-credentials' });
  });

  it('does nothing about another scheme’s challenge', () => {
    const [challenge] = parseChallenges('Bearer');
    expect(basic(() => user('x')).remedy?.(challenge, undefined)).toBeUndefined();
  });

  it('takes a late acceptance during the prompt into account: the same password keeps its place', async () => {
    const prompt = deferred<UserPassword>();
    const provider = vi.fn<UserPasswordProvider>(() => prompt.promise).mockReturnValueOnce(user('p'));
    const scheme = basic(provider);
    const target = { url: `${HOST}/a`, method: 'GET', headers: new Headers(), body: 'none' } as const;
    const [challenge] = parseChallenges('Basic realm=r');
    const sent = (await scheme.credentials(target, challenge)) as object;
    scheme.learn?.(
      sent,
      target,
      new Response('', { status: 401, headers: { 'WWW-Authenticate': 'Basic realm=r' } }),
    );
    const replaced = scheme.replace?.(sent, target, challenge);
    scheme.learn?.(sent, target, new Response(''));
    prompt.resolve(user('p'));
    expect(await replaced).toEqual({ undelivered: 'refused-again' });
    expect(scheme.credentials(target)).toBe(sent);
  });
});
