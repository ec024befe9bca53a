import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Challenge, parseChallenges } from '../../src/protocol/challenge.js';
import type { Credentials } from '../../src/protocol/credentials.js';
import { bearer } from '../../src/schemes/bearer.js';
import type { TokenSource } from '../../src/schemes/bearer-source.js';
import type { Scheme, Target } from '../../src/schemes/scheme.js';
import { deferred } from '../fetch/support.js';

const ORIGIN = 'https://registry.example';
const target = (url = `${ORIGIN}/v2/a/manifests/1`, method = 'GET') => ({ url, method }) as Target;
const challenge = (scope = 'repository:a:pull', more = ''): Challenge =>
  parseChallenges(
    `Bearer realm="https://auth.example/token",service="r",scope="${scope}"${more}`,
  )[0] as Challenge;
const denied = (scope?: string) => challenge(scope, ',error="insufficient_scope"');

type Source = (context: Parameters<TokenSource>[0]) => Promise<string | undefined>;

/** A function that has nothing before a challenge, then t1, t2, … */
function counting() {
  let count = 0;
  const source = vi.fn<Source>(async (context) => (context.challenge ? `t${++count}` : undefined));
  const asked = () =>
    source.mock.calls.filter(([context]) => context.challenge).map(([{ refused }]) => refused);
  return { source, asked, scheme: bearer(source) };
}

const answer = (scheme: Scheme, to = challenge(), at = target()) =>
  scheme.credentials(at, to) as Promise<Credentials>;
const unasked = async (scheme: Scheme, at = target()) =>
  (await (scheme.credentials(at) as Promise<Credentials | undefined>))?.version;
const take = (scheme: Scheme, sent: Credentials, at = target(), status = 200, field?: string) =>
  scheme.learn?.(sent, at, {
    status,
    headers: new Headers(field ? { 'www-authenticate': field } : {}),
  } as Response);

/** Asked, sent and taken. */
async function pull(scheme: Scheme, to = challenge(), at = target()): Promise<Credentials> {
  const sent = await answer(scheme, to, at);
  take(scheme, sent, at);
  return sent;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('bearer of a function that is asked by challenge', () => {
  it('keeps what it returned for the realm, service and scope', async () => {
    const { scheme, source, asked } = counting();
    expect(await answer(scheme)).toMatchObject({
      headers: { Authorization: 'Bearer t1' },
      version: 't1',
    });
    expect((await answer(scheme)).version).toBe('t1');
    expect((await answer(scheme, challenge('repository:b:pull'))).version).toBe('t2');
    expect(asked()).toHaveLength(2);
    expect(source).toHaveBeenCalledWith({ refused: undefined, challenge: challenge() });
  });

  it('takes a scope for a set, and the actions in it', async () => {
    const { scheme, asked } = counting();
    await answer(scheme, challenge('repository:a:pull,push repository:b:pull'));
    await answer(scheme, challenge('repository:b:pull  repository:a:push,pull repository:b:pull'));
    expect(asked()).toHaveLength(1);
    await answer(scheme, challenge('repository:a:pull repository:b:pull'));
    expect(asked()).toHaveLength(2);
  });

  it('keeps nothing for another origin that names the same realm', async () => {
    const { scheme } = counting();
    await pull(scheme);
    const elsewhere = target('https://other.example/v2/a/manifests/1');
    expect(await unasked(scheme, elsewhere)).toBeUndefined();
    expect((await answer(scheme, challenge(), elsewhere)).version).toBe('t2');
  });

  it('is asked once by all who meet the same challenge, and by each other challenge once', async () => {
    const next = deferred<string>();
    const source = vi.fn<Source>(({ challenge: to }) =>
      to?.params['scope'] === 'repository:a:pull' ? next.promise : Promise.resolve('other'),
    );
    const scheme = bearer(source);
    const all = [1, 2, 3].map(() => answer(scheme));
    expect((await answer(scheme, challenge('repository:b:pull'))).version).toBe('other');
    next.resolve('t');
    expect((await Promise.all(all)).map(({ version }) => version)).toEqual(['t', 't', 't']);
    expect(source).toHaveBeenCalledTimes(2);
  });

  it('is asked again after it failed or had nothing', async () => {
    const source = vi.fn<Source>().mockRejectedValueOnce(new Error('down')).mockResolvedValueOnce('');
    const scheme = bearer(source.mockResolvedValue('t'));
    await expect(answer(scheme)).rejects.toThrow('down');
    expect(await answer(scheme)).toBeUndefined();
    expect((await answer(scheme)).version).toBe('t');
  });

  it('makes a call fail whose token no header can carry, without naming it', async () => {
    const scheme = bearer(async () => 'two words');
    await expect(answer(scheme)).rejects.toThrow(/^bearer: the token of the function must/);
  });
});

describe('a token that was taken', () => {
  it('is sent unasked to the same resource, by requests of the same kind', async () => {
    const { scheme } = counting();
    await pull(scheme);
    expect(await unasked(scheme, target(`${ORIGIN}/v2/a/blobs/sha256:1?x=/y`))).toBe('t1');
    expect(await unasked(scheme, target(`${ORIGIN}/v2/a/tags/list`, 'HEAD'))).toBe('t1');
    for (const other of ['/v2/b/manifests/1', '/v2/', '/v2/a/../b/manifests/1', '/v2/a']) {
      expect(await unasked(scheme, target(ORIGIN + other))).toBeUndefined();
    }
    expect(await unasked(scheme, target(`${ORIGIN}/v2/a/blobs/uploads/`, 'POST'))).toBeUndefined();
  });

  it('for writing is sent with every write', async () => {
    const { scheme } = counting();
    await pull(scheme, challenge('repository:a:pull,push'), target(`${ORIGIN}/v2/a/blobs/uploads/`, 'POST'));
    expect(await unasked(scheme, target(`${ORIGIN}/v2/a/blobs/uploads/7`, 'PATCH'))).toBe('t1');
    expect(await unasked(scheme)).toBeUndefined();
  });

  it('is sent below the directory where the scope names no part of the path', async () => {
    const { scheme } = counting();
    await pull(scheme, challenge('registry:catalog:*'), target(`${ORIGIN}/v2/_catalog?n=/catalog/`));
    expect(await unasked(scheme, target(`${ORIGIN}/v2/_catalog`))).toBe('t1');
    expect(await unasked(scheme, target(`${ORIGIN}/v1/_catalog`))).toBeUndefined();
    await pull(scheme, challenge('read'), target(`${ORIGIN}/v2/deep/x`));
    expect(await unasked(scheme, target(`${ORIGIN}/v2/deep/y`))).toBe('t2');
  });

  it('is that of the deepest place, whichever was asked for last', async () => {
    const { scheme } = counting();
    await pull(scheme);
    await pull(scheme, challenge('ping'), target(`${ORIGIN}/v2/`));
    expect(await unasked(scheme)).toBe('t1');
    expect(await unasked(scheme, target(`${ORIGIN}/v2/other`))).toBe('t2');
  });

  it('is not sent unasked before it was taken', async () => {
    const { scheme } = counting();
    const sent = await answer(scheme);
    take(scheme, sent, target(), 500);
    expect(await unasked(scheme)).toBeUndefined();
    take(scheme, sent, target(), 404);
    expect(await unasked(scheme)).toBe('t1');
  });

  it('is kept for 60 s; then the function is asked for the same, before there is a challenge', async () => {
    const { scheme, asked } = counting();
    await pull(scheme);
    vi.advanceTimersByTime(59_999);
    expect(await unasked(scheme)).toBe('t1');
    vi.advanceTimersByTime(1);
    expect(await unasked(scheme)).toBe('t2');
    expect(asked()).toEqual([undefined, undefined]);
  });

  it('is kept as long as it says, where it is a JWT', async () => {
    const part = (value: object) => btoa(JSON.stringify(value)).replace(/=/g, '');
    const jwt = (n: number) => `${part({ alg: 'none' })}.${part({ iat: 0, exp: 300, n })}.`;
    let count = 0;
    const scheme = bearer(async (context) => (context.challenge ? jwt(++count) : undefined));
    await pull(scheme);
    vi.advanceTimersByTime(299_999);
    expect(await unasked(scheme)).toBe(jwt(1));
    vi.advanceTimersByTime(1);
    expect(await unasked(scheme)).toBe(jwt(2));
  });

  it('is remembered for a bounded number of realms and places', async () => {
    const { scheme, asked } = counting();
    for (let i = 0; i <= 100; i++) {
      await pull(scheme, challenge(`repository:r${i}:pull`), target(`${ORIGIN}/v2/r${i}/manifests/1`));
    }
    expect(await unasked(scheme, target(`${ORIGIN}/v2/r0/manifests/1`))).toBeUndefined();
    expect(await unasked(scheme, target(`${ORIGIN}/v2/r1/manifests/1`))).toBe('t2');
    await answer(scheme, challenge('repository:r100:pull'));
    expect(asked()).toHaveLength(101);
    await answer(scheme, challenge('repository:r0:pull'));
    expect(asked()).toHaveLength(102);
  });

  it('gives way to what the function has unasked: an SDK keeps its own', async () => {
    let own: string | undefined;
    const scheme = bearer(async (context) => own ?? (context.challenge ? 'asked' : undefined));
    const sent = await pull(scheme);
    own = 'own';
    expect(await unasked(scheme)).toBe('own');
    own = undefined;
    expect(await unasked(scheme)).toBeUndefined();
    take(scheme, sent);
    expect(await unasked(scheme)).toBeUndefined();
    expect(await scheme.replace?.(sent, target(), challenge())).toEqual({ undelivered: 'refused-again' });
  });
});

describe('a token that was refused', () => {
  it('is replaced: the function is asked once, and told of it', async () => {
    const { scheme, asked } = counting();
    const sent = await pull(scheme);
    expect(scheme.remedy?.(challenge(undefined, ',error="invalid_token"'), sent)).toBe('replace');
    const all = await Promise.all([1, 2].map(() => scheme.replace?.(sent, target(), challenge())));
    expect(all).toMatchObject([
      { credentials: { version: 't2' }, minted: true },
      { credentials: { version: 't2' }, minted: false },
    ]);
    expect(asked()).toEqual([undefined, 't1']);
    // late
    expect(await scheme.replace?.(sent, target(), challenge())).toMatchObject({
      credentials: { version: 't2' },
      minted: false,
    });
    expect(asked()).toHaveLength(2);
    expect(await unasked(scheme)).toBe('t2');
  });

  it('is replaced by what others ask for meanwhile, unless that is the same', async () => {
    const answers: ReturnType<typeof deferred<string>>[] = [];
    const source = vi.fn<Source>(({ challenge: to }) => {
      if (to === undefined) return Promise.resolve(undefined);
      const next = deferred<string>();
      answers.push(next);
      return next.promise;
    });
    const scheme = bearer(source);
    const first = answer(scheme);
    answers[0]?.resolve('t1');
    const sent = await first;
    take(scheme, sent);
    vi.advanceTimersByTime(60_000);
    const other = unasked(scheme);
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    const replaced = scheme.replace?.(sent, target(), challenge());
    answers[1]?.resolve('t1');
    expect(await other).toBe('t1');
    await vi.waitFor(() => expect(answers).toHaveLength(3));
    answers[2]?.resolve('t2');
    expect(await replaced).toMatchObject({ credentials: { version: 't2' }, minted: true });
    expect(source).toHaveBeenLastCalledWith({ refused: 't1', challenge: challenge() });
  });

  it('ends there where the function has the same again, or nothing, and is asked once by all', async () => {
    for (const [again, reason] of [
      ['t1', 'refused-again'],
      [undefined, 'no-credentials'],
    ] as const) {
      const source = vi.fn<Source>().mockResolvedValueOnce('t1').mockResolvedValue(again);
      const scheme = bearer(source);
      const sent = await pull(scheme);
      const all = [1, 2, 3].map(() => scheme.replace?.(sent, target(), challenge()));
      expect(await Promise.all(all)).toEqual([1, 2, 3].map(() => ({ undelivered: reason })));
      expect(source).toHaveBeenCalledTimes(2);
      // nothing is kept of it
      await answer(scheme);
      expect(source).toHaveBeenCalledTimes(3);
    }
  });

  it('ends there also for who comes while the function is asked, and was told of it', async () => {
    const next = deferred<string | undefined>();
    const source = vi.fn<Source>().mockResolvedValueOnce('t1').mockReturnValue(next.promise);
    const scheme = bearer(source);
    const sent = await pull(scheme);
    const first = scheme.replace?.(sent, target(), challenge());
    await vi.waitFor(() => expect(source).toHaveBeenCalledTimes(2));
    const second = scheme.replace?.(sent, target(), challenge());
    next.resolve(undefined);
    expect(await Promise.all([first, second])).toEqual([1, 2].map(() => ({ undelivered: 'no-credentials' })));
    expect(source).toHaveBeenCalledTimes(2);
  });

  it('for something else is answered with one for what is asked for now', async () => {
    const { scheme } = counting();
    const sent = await pull(scheme);
    for (const to of [challenge('repository:b:pull'), denied('repository:b:pull')]) {
      expect(scheme.remedy?.(to, sent)).toBe('answer');
    }
    expect(await unasked(scheme)).toBe('t1');
  });

  it('because it can too little is the end, and is asked for anew by the next call', async () => {
    const { scheme } = counting();
    const sent = await pull(scheme);
    const field = 'Bearer realm="https://auth.example/token",service="r",scope="repository:a:pull"';
    expect(scheme.remedy?.(denied(), sent)).toBeUndefined();
    take(scheme, sent, target(), 401, field);
    expect(await unasked(scheme)).toBe('t1');
    take(scheme, sent, target(), 401, `${field},error="insufficient_scope"`);
    expect(await unasked(scheme)).toBe('t2');
  });

  it('without a challenge is replaced by what it was asked for', async () => {
    const { scheme, source } = counting();
    const sent = await pull(scheme);
    expect(scheme.remedy?.(undefined, sent)).toBe('replace');
    expect(await scheme.replace?.(sent, target(), undefined)).toMatchObject({ minted: true });
    expect(source).toHaveBeenLastCalledWith({ refused: 't1', challenge: challenge() });
  });

  it('and was no answer to a challenge is replaced, not answered', () => {
    const { scheme } = counting();
    expect(scheme.remedy?.(challenge(), { version: 'own' })).toBe('replace');
    expect(scheme.remedy?.(denied(), { version: 'own' })).toBeUndefined();
    expect(scheme.remedy?.(challenge(), undefined)).toBe('answer');
    expect(scheme.remedy?.(denied(), undefined)).toBe('answer');
    for (const more of [',claims="e30"', ',error="insufficient_user_authentication"']) {
      expect(scheme.remedy?.(challenge(undefined, more), undefined)).toBeUndefined();
    }
  });

  it('and was no answer to a challenge gives way for each origin, realm, service and scope by itself', async () => {
    const source = vi.fn<Source>(async ({ challenge: to }) =>
      `for ${to?.params['scope']}`.replace(/ /g, '-'),
    );
    const scheme = bearer(source);
    const own = { version: 'own' };
    const other = target('https://other.example/v2/a/manifests/1');
    const version = async (at: Target, to: Challenge) => {
      const replaced = await scheme.replace?.(own, at, to);
      return replaced && 'credentials' in replaced ? replaced.credentials.version : undefined;
    };
    expect(await version(target(), challenge())).toBe('for-repository:a:pull');
    expect(await version(target(), challenge('repository:b:pull'))).toBe('for-repository:b:pull');
    await version(other, challenge('repository:b:pull'));
    expect(source).toHaveBeenCalledTimes(3);
    expect(await version(target(), challenge())).toBe('for-repository:a:pull');
    expect(source).toHaveBeenCalledTimes(3);
  });

  it('is remembered to have given way for a bounded number of scopes', async () => {
    const { scheme, source } = counting();
    for (let i = 0; i <= 100; i++)
      await scheme.replace?.({ version: 'own' }, target(), challenge(`repository:${i}:pull`));
    const calls = source.mock.calls.length;
    await scheme.replace?.({ version: 'own' }, target(), challenge('repository:100:pull'));
    expect(source).toHaveBeenCalledTimes(calls);
    await scheme.replace?.({ version: 'own' }, target(), challenge('repository:0:pull'));
    expect(source).toHaveBeenCalledTimes(calls + 1);
  });
});
