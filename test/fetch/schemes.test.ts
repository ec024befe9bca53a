import { describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import type { Challenge } from '../../src/protocol/challenge.js';
import { defineScheme, type Scheme, type Target } from '../../src/schemes/scheme.js';
import { FakeCore, ORIGIN, refuse, sessionOver, stubFetch } from './support.js';

const URL_ = `${ORIGIN}/x`;

/** Sends before being asked, answers its own challenge once. */
function plain(name: string, secret: string | undefined = name): Scheme & { asked: number } {
  return {
    name,
    asked: 0,
    credentials() {
      this.asked++;
      return secret === undefined
        ? undefined
        : { headers: { Authorization: `${name} ${secret}` }, version: secret };
    },
    remedy: (challenge, refused) =>
      challenge?.scheme === name.toLowerCase() && !refused ? 'answer' : undefined,
  };
}

/** Sends only when asked. */
function onChallenge(name: string): Scheme {
  return {
    name,
    credentials: (_target: Target, challenge?: Challenge) =>
      challenge && { headers: { Authorization: `${name} ${challenge.params['nonce']}` }, version: challenge },
    remedy: (challenge) => (challenge?.scheme === name.toLowerCase() ? 'answer' : undefined),
  };
}

function over(auth: readonly Scheme[], answer: (authorization: string | null, count: number) => Response) {
  const stub = stubFetch(({ authorization }, count) => answer(authorization, count));
  return { ...stub, authFetch: createAuthFetch({ origins: ORIGIN, auth, fetch: stub.fetch }) };
}

describe('several schemes', () => {
  it('never send a later one ahead of a challenge', async () => {
    const basic = plain('Basic');
    const { authFetch, seen } = over([onChallenge('Digest'), basic], (authorization) =>
      authorization?.startsWith('Digest') ? new Response() : refuse('Basic realm="b", Digest nonce="n"'),
    );
    expect((await authFetch(URL_)).status).toBe(200);
    expect(seen.map((s) => s.authorization)).toEqual([null, 'Digest n']);
    expect(basic.asked).toBe(0);
  });

  it('answer the challenge that one of them can', async () => {
    const { authFetch, seen } = over([plain('One'), plain('Two')], (authorization) =>
      authorization?.startsWith('Two') ? new Response() : refuse('Two realm="x"'),
    );
    expect((await authFetch(URL_)).status).toBe(200);
    expect(seen.map((s) => s.authorization)).toEqual(['One One', 'Two Two']);
    await authFetch(URL_);
    // the one that worked here is sent at once
    expect(seen[2]?.authorization).toBe('Two Two');
  });

  it('remember what worked for a bounded number of origins', async () => {
    const origins = Array.from({ length: 102 }, (_, i) => `https://a${i}.example`);
    const stub = stubFetch(({ authorization }) =>
      authorization?.startsWith('Two') ? new Response() : refuse('Two realm="x"'),
    );
    const authFetch = createAuthFetch({ origins, auth: [plain('One'), plain('Two')], fetch: stub.fetch });
    for (const origin of origins) await authFetch(origin);
    stub.seen.length = 0;
    await authFetch(origins[101] as string);
    await authFetch(origins[0] as string);
    expect(stub.seen.map((s) => s.authorization)).toEqual(['Two Two', 'One One', 'Two Two']);
  });

  it('let the next one try where an answer has nothing to send', async () => {
    const empty: Scheme = { name: 'Empty', credentials: () => undefined, remedy: () => 'answer' };
    const { authFetch } = over([empty, plain('Two')], (authorization) =>
      authorization === 'Two Two' ? new Response() : refuse('Two'),
    );
    expect((await authFetch(URL_)).status).toBe(200);
  });

  it('deliver as no-credentials where none has any, also when asked later', async () => {
    const empty: Scheme = { name: 'Empty', credentials: () => undefined, remedy: () => 'answer' };
    const later: Scheme = { name: 'Later', credentials: async () => undefined, remedy: () => 'answer' };
    const { authFetch } = over([empty, later], () => refuse('X'));
    const response = await authFetch(URL_);
    expect(outcomeOf(response)).toMatchObject({ reason: 'no-credentials', sendings: 1 });
    expect(await response.text()).toBe('refused');
  });

  it('deliver a 401 without a challenge where nothing was sent, and ask the one that was sent', async () => {
    const other = vi.fn(() => 'answer' as const);
    const core = new FakeCore();
    const stub = stubFetch(({ authorization }) =>
      authorization === 'Bearer t2' ? new Response() : refuse(null),
    );
    const auth = [sessionOver(core), { ...plain('Other'), remedy: other }];
    const authFetch = createAuthFetch({ origins: ORIGIN, auth, fetch: stub.fetch });
    expect((await authFetch(URL_)).status).toBe(200);
    expect(other).not.toHaveBeenCalled();
    core.held = undefined;
    expect(outcomeOf(await authFetch(URL_))?.reason).toBe('not-answerable');
  });

  it('each see what their own begin returned, and learn of what they sent', async () => {
    const begun: unknown[] = [];
    const learnt: unknown[] = [];
    const scheme = (name: string): Scheme => ({
      name,
      begin: () => `begun ${name}`,
      credentials(target) {
        begun.push(target.begun, target.url, target.method);
        return { headers: { Authorization: `${name} x` }, version: name };
      },
      remedy: (challenge, refused) => (challenge?.scheme === name && !refused ? 'answer' : undefined),
      learn: (sent, target, response) => learnt.push([name, sent?.version, target.begun, response.status]),
    });
    const { authFetch } = over([scheme('a'), scheme('b')], (authorization) =>
      authorization === 'b x' ? new Response() : refuse('b'),
    );
    await authFetch(URL_);
    expect(begun).toEqual(['begun a', URL_, 'GET', 'begun b', URL_, 'GET']);
    expect(learnt).toEqual([
      ['a', 'a', 'begun a', 401],
      ['b', undefined, 'begun b', 401],
      ['a', undefined, 'begun a', 200],
      ['b', 'b', 'begun b', 200],
    ]);
  });

  it('stop at the bound whatever the schemes say', async () => {
    let count = 0;
    const greedy = (name: string): Scheme => ({
      name,
      credentials: () => ({ headers: { Authorization: `x ${++count}` }, version: count }),
      remedy: () => (count % 2 ? 'answer' : 'replace'),
      replace: () => ({
        credentials: { headers: { Authorization: `x ${++count}` }, version: count },
        minted: false,
      }),
    });
    const { authFetch, seen } = over([greedy('a'), greedy('b')], () => refuse('X'));
    const response = await authFetch(URL_);
    expect(outcomeOf(response)?.reason).toBe('refused-again');
    expect(seen.length).toBeLessThanOrEqual(9);
    expect(outcomeOf(response)?.sendings).toBe(seen.length);
  });
});

describe('a scheme of one’s own', () => {
  it('may answer twice with other credentials, and is delivered when it repeats itself', async () => {
    let nonce = 0;
    const scheme = defineScheme({
      name: 'Nonce',
      credentials: (_t: Target, challenge?: Challenge) =>
        challenge && {
          headers: { Authorization: `Nonce ${challenge.params['n']}` },
          version: challenge.params['n'],
        },
      remedy: () => 'answer',
    });
    const { authFetch, seen } = over([scheme], () => refuse(`Nonce n=${Math.min(++nonce, 2)}`));
    expect(outcomeOf(await authFetch(URL_))?.reason).toBe('refused-again');
    expect(seen.map((s) => s.authorization)).toEqual([null, 'Nonce 1', 'Nonce 2']);
  });

  it('is compared by what it writes where it has no version', async () => {
    const scheme = defineScheme({
      name: 'Same',
      credentials: () => ({ headers: { Authorization: 'Same x' } }),
      remedy: () => 'answer',
    });
    const { authFetch, seen } = over([scheme], () => refuse('Same'));
    expect(outcomeOf(await authFetch(URL_))?.reason).toBe('refused-again');
    expect(seen).toHaveLength(1);
  });

  it('sees method, headers and exact bytes of what is sent', async () => {
    const read: unknown[] = [];
    const scheme = defineScheme({
      name: 'Signed',
      async credentials(target: Target) {
        const body =
          typeof target.body === 'string' ? target.body : new TextDecoder().decode(await target.body());
        read.push([target.method, target.headers.get('Content-Type'), target.headers.has('X-A'), body]);
        return { headers: { 'X-Signature': String(body.length), 'x-a': 'theirs' } };
      },
    });
    const { authFetch, seen } = over([scheme], () => new Response());
    await authFetch(URL_, { method: 'post', body: 'text', headers: { 'x-a': 'mine' } });
    await authFetch(URL_, { method: 'put', body: new URLSearchParams('a=b') });
    await authFetch(URL_, {
      method: 'POST',
      body: new Uint8Array([65]),
      headers: new Headers({ 'x-a': '1' }),
    });
    await authFetch(URL_, { method: 'POST', body: new Blob(['blob'], { type: 'x/y' }) });
    await authFetch(URL_);
    await authFetch(new Request(URL_, { method: 'POST', body: 'request' }));
    await authFetch(URL_, { method: 'POST', body: new Blob(['s']).stream(), duplex: 'half' } as RequestInit);
    expect(read).toEqual([
      ['POST', 'text/plain;charset=UTF-8', true, 'text'],
      ['PUT', 'application/x-www-form-urlencoded;charset=UTF-8', false, 'a=b'],
      ['POST', null, true, 'A'],
      ['POST', 'x/y', false, 'blob'],
      ['GET', null, false, 'none'],
      ['POST', 'text/plain;charset=UTF-8', false, 'request'],
      ['POST', null, false, 'stream'],
    ]);
    expect(seen.map((s) => s.body)).toEqual(['text', 'a=b', 'A', 'blob', '', 'request', 's']);
    expect(new Set(seen.map((s) => s.headers.get('x-a')))).toEqual(new Set(['theirs']));
  });

  it('may step up on a challenged 403, once', async () => {
    const scheme = defineScheme({
      name: 'Steps',
      credentials: () => ({ headers: { Authorization: 'Bearer low' }, version: 'low' }),
      remedy: (challenge) => (challenge?.params['error'] === 'insufficient_scope' ? 'step-up' : undefined),
      replace: () => ({
        credentials: { headers: { Authorization: 'Bearer high' }, version: 'high' },
        minted: true,
      }),
    });
    const field = 'Bearer error="insufficient_scope", scope="a"';
    const forbidden = () => new Response(null, { status: 403, headers: { 'www-authenticate': field } });
    const taken = over([scheme], (authorization) =>
      authorization === 'Bearer high' ? new Response() : forbidden(),
    );
    expect((await taken.authFetch(URL_)).status).toBe(200);
    const never = over([scheme], forbidden);
    expect(outcomeOf(await never.authFetch(URL_))).toMatchObject({
      reason: 'insufficient-scope',
      sendings: 2,
    });
  });

  it.each([
    ['at once', <T>(doubt: T) => doubt],
    ['later', async <T>(doubt: T) => doubt],
  ])(
    'may doubt a response %s: that is reported, and thrown where there is an error',
    async (_when, later) => {
      const error = new Error('not mine');
      for (const thrown of [undefined, error]) {
        const types: string[] = [];
        const doubted: unknown[] = [];
        const scheme = defineScheme({
          name: 'Proof',
          credentials: () => ({ headers: { Authorization: 'Proof x' }, version: 1 }),
          verify(sent, response) {
            doubted.push([sent.version, response.status]);
            return later(response.ok ? { reason: 'mismatch', error: thrown } : undefined);
          },
        });
        const { fetch } = stubFetch(({ url }) => new Response('body', { status: url === URL_ ? 200 : 404 }));
        const observe = ({ type }: { type: string }) => types.push(type);
        const authFetch = createAuthFetch({ origins: ORIGIN, auth: scheme, fetch, observe });
        const call = authFetch(URL_);
        if (thrown === undefined) expect(await (await call).text()).toBe('body');
        else await expect(call).rejects.toBe(error);
        expect((await authFetch(`${ORIGIN}/y`)).status).toBe(404);
        expect(types).toEqual(['server-not-verified']);
        expect(doubted).toEqual([
          [1, 200],
          [1, 404],
        ]);
      }
    },
  );
});
