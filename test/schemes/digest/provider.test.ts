import { describe, expect, it, vi } from 'vitest';
import { outcomeOf } from '../../../src/fetch.js';
import type { UserPassword, UserPasswordProvider } from '../../../src/schemes/basic.js';
import { deferred } from '../../support/deferred.js';
import { challenge, HOST, isRight, type Seen, served } from './support.js';

const user = (password: string): UserPassword => ({ username: 'u', password });

/** Knows the passwords of its realms: a realm is a top directory; every challenge has a nonce of its own. */
function knows(passwords: Record<string, string>) {
  let n = 0;
  return (one: Seen) => {
    const realm = one.path.split('/')[1] ?? '';
    return one.authorization && one.params['realm'] === realm && isRight(one, user(passwords[realm] ?? ''))
      ? new Response('ok')
      : challenge(`realm="${realm}", nonce="${++n}", qop="auth", domain="/${realm}/"`);
  };
}
const sentOf = (seen: readonly Seen[]) =>
  seen.map(({ path, authorization }) => `${path}${authorization ? ' +' : ''}`);

describe('digest with a function', () => {
  it('is told the realm, the URL and whether the last credentials were refused', async () => {
    const provider = vi.fn<UserPasswordProvider>(async ({ refused }) => user(refused ? 'right' : 'wrong'));
    const { authFetch, seen } = served(knows({ r: 'right' }), provider);
    expect((await authFetch('/r/a')).status).toBe(200);
    expect(provider.mock.calls).toEqual([
      [{ realm: 'r', refused: false, url: `${HOST}/r/a` }],
      [{ realm: 'r', refused: true, url: `${HOST}/r/a` }],
    ]);
    expect(sentOf(seen)).toEqual(['/r/a', '/r/a +', '/r/a +']);
  });

  it('ends after two wrong passwords, and where it returns the refused one again', async () => {
    let n = 0;
    const two = served(knows({ r: 'right' }), () => user(`wrong${++n}`));
    expect(outcomeOf(await two.authFetch('/r/a'))?.reason).toBe('refused-again');
    expect(two.seen).toHaveLength(3);
    const same = served(knows({ r: 'right' }), () => user('wrong'));
    expect(outcomeOf(await same.authFetch('/r/a'))?.reason).toBe('refused-again');
    expect(same.seen).toHaveLength(2);
  });

  it('delivers the refusal where it has none, or no others', async () => {
    for (const provider of [() => undefined, () => null as never]) {
      const { authFetch, seen } = served(knows({ r: 'x' }), provider);
      expect(outcomeOf(await authFetch('/r/a'))?.reason).toBe('no-credentials');
      expect(seen).toHaveLength(1);
    }
    const { authFetch } = served(knows({ r: 'x' }), ({ refused }) => (refused ? undefined : user('y')));
    expect(outcomeOf(await authFetch('/r/a'))?.reason).toBe('no-credentials');
  });

  it('rejects with its own error, and is asked again at the next call', async () => {
    const closed = new Error('prompt closed');
    const provider = vi.fn<UserPasswordProvider>(() => user('right')).mockRejectedValueOnce(closed as never);
    const { authFetch } = served(knows({ r: 'right' }), provider);
    await expect(authFetch('/r/a')).rejects.toBe(closed);
    expect((await authFetch('/r/a')).status).toBe(200);
  });

  it('rejects with a TypeError where it returns what Digest cannot encode, without telling it', async () => {
    const { authFetch } = served(knows({ r: 'x' }), () => ({ username: 's3:cret', password: '' }));
    const error = await authFetch('/r/a').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain('`username`');
    expect(String(error)).not.toContain('s3');
  });

  it('is asked once for all requests that wait, and for each realm', async () => {
    const prompts = { r: deferred<UserPassword>(), s: deferred<UserPassword>() };
    const provider = vi.fn<UserPasswordProvider>(({ realm }) => prompts[realm as 'r' | 's'].promise);
    const { authFetch, seen } = served(knows({ r: 'one', s: 'two' }), provider);
    const calls = ['/r/a', '/r/b', '/s/a', '/r/c'].map((path) => authFetch(path));
    await vi.waitFor(() => expect(provider).toHaveBeenCalledTimes(2));
    prompts.s.resolve(user('two'));
    prompts.r.resolve(user('one'));
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(provider).toHaveBeenCalledTimes(2);
    expect(seen).toHaveLength(8);
  });

  it('is asked once more for all that were refused together', async () => {
    const provider = vi.fn<UserPasswordProvider>(async ({ refused }) => user(refused ? 'right' : 'wrong'));
    const { authFetch, seen } = served(knows({ r: 'right' }), provider);
    const calls = ['/r/a', '/r/b', '/r/c'].map((path) => authFetch(path));
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(provider).toHaveBeenCalledTimes(2);
    expect(seen).toHaveLength(9);
  });

  it('frees a caller who aborts, and leaves the prompt to the others', async () => {
    const prompt = deferred<UserPassword>();
    const provider = vi.fn<UserPasswordProvider>(() => prompt.promise);
    const { authFetch } = served(knows({ r: 'right' }), provider);
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

  it('is asked again when the password was changed; the old one is tried with the fresh nonce first', async () => {
    const passwords = { r: 'old' };
    const provider = vi.fn<UserPasswordProvider>(({ refused }) => user(refused ? 'new' : 'old'));
    const { authFetch, seen } = served(knows(passwords), provider);
    await authFetch('/r/a');
    passwords.r = 'new';
    seen.length = 0;
    expect((await authFetch('/r/b')).status).toBe(200);
    expect(seen).toHaveLength(3);
    expect((await authFetch('/r/c')).status).toBe(200);
    expect(seen).toHaveLength(4);
    expect(provider.mock.calls.map(([{ refused }]) => refused)).toEqual([false, true]);
  });

  it('is not asked for a late refusal of somebody who was replaced meanwhile', async () => {
    const passwords = { r: 'old' };
    const held = deferred<void>();
    const answer = knows(passwords);
    const provider = vi.fn<UserPasswordProvider>(({ refused }) => user(refused ? 'new' : 'old'));
    const { authFetch, seen } = served(async (one) => {
      const response = answer(one);
      if (one.path === '/r/slow' && one.authorization) await held.promise;
      return response;
    }, provider);
    passwords.r = 'new';
    const late = authFetch('/r/slow');
    await vi.waitFor(() => expect(seen).toHaveLength(2));
    expect((await authFetch('/r/b')).status).toBe(200);
    expect(provider).toHaveBeenCalledTimes(2);
    held.resolve();
    expect((await late).status).toBe(200);
    expect(provider).toHaveBeenCalledTimes(2);
  });

  it('is asked for others where isUnauthorized sees the refusal in another status', async () => {
    let valid = 'old';
    const provider = vi.fn<UserPasswordProvider>(({ refused }) => user(refused ? 'new' : 'old'));
    const asks = (status: number) =>
      new Response('', {
        status,
        headers: { 'WWW-Authenticate': 'Digest realm="r", nonce="n", qop="auth"' },
      });
    const { authFetch, seen } = served(
      (one) => (!one.authorization ? asks(401) : isRight(one, user(valid)) ? new Response('ok') : asks(419)),
      provider,
      {},
      { isUnauthorized: ({ status }) => status === 419 },
    );
    await authFetch('/');
    valid = 'new';
    expect((await authFetch('/')).status).toBe(200);
    expect(provider.mock.calls.map(([{ refused }]) => refused)).toEqual([false, true]);
    expect(seen.map(({ params }) => params['nc'])).toEqual([
      undefined,
      '00000001',
      '00000002',
      '00000003',
      '00000004',
    ]);
  });

  it('is not believed where it returns for a late refusal what was refused before', async () => {
    const provider = vi.fn<UserPasswordProvider>(() => user('p'));
    const slow = deferred<void>();
    const answer = knows({ r: 'right' });
    const { authFetch, seen } = served(async (one) => {
      const response = answer(one);
      if (one.path === '/r/slow' && one.authorization) await slow.promise;
      return response;
    }, provider);
    const late = authFetch('/r/slow');
    await vi.waitFor(() => expect(seen).toHaveLength(2));
    expect(outcomeOf(await authFetch('/r/a'))?.reason).toBe('refused-again');
    slow.resolve();
    // the app has returned the same once more meanwhile: that is no other
    expect(outcomeOf(await late)?.reason).toBe('refused-again');
    expect(seen.filter(({ authorization }) => authorization)).toHaveLength(2);
    expect(provider.mock.calls.map(([{ refused }]) => refused)).toEqual([false, true, true]);
  });

  it('keeps who is refused by one realm for the others', async () => {
    const provider = vi.fn<UserPasswordProvider>(({ realm }) => user(realm === 'r' ? 'one' : 'wrong'));
    const { authFetch } = served(knows({ r: 'one', s: 'two' }), provider);
    await authFetch('/r/a');
    expect((await authFetch('/s/a')).status).toBe(401);
    expect((await authFetch('/r/b')).status).toBe(200);
    expect(provider.mock.calls.map(([{ realm }]) => realm)).toEqual(['r', 's', 's']);
  });
});
