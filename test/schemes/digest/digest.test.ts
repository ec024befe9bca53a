import { describe, expect, it, vi } from 'vitest';
import { basic, createAuthFetch, outcomeOf } from '../../../src/fetch.js';
import { parseChallenges } from '../../../src/protocol/challenge.js';
import { digest } from '../../../src/schemes/digest/digest.js';
import {
  challenge,
  fieldOf,
  HOST,
  isRight,
  MUFASA,
  paramsOf,
  type Seen,
  served,
  targetOf,
} from './support.js';

const ok = () => new Response('ok');
const ncOf = (seen: readonly Seen[]) => seen.map(({ params }) => params['nc']);
const nonces = (seen: readonly Seen[]) => seen.map(({ params }) => params['nonce']);

/** Takes what is signed for its nonce, and challenges the rest. */
const strict =
  (nonce: () => string, more = 'qop="auth"') =>
  (one: Seen) =>
    one.params['nonce'] === nonce() && isRight(one)
      ? ok()
      : challenge(`realm="r", nonce="${nonce()}", ${more}`);

describe('digest', () => {
  it('sends nothing before it is challenged, then the answer, then credentials ahead (3.24)', async () => {
    const { authFetch, seen } = served(strict(() => 'n1'));
    for (const path of ['/a', '/b?c=d', '/deep/e']) expect((await authFetch(path)).status).toBe(200);
    expect(seen.map(({ path, authorization }) => [path, authorization !== null])).toEqual([
      ['/a', false],
      ['/a', true],
      ['/b?c=d', true],
      ['/deep/e', true],
    ]);
    expect(seen.slice(1).every((one) => isRight(one))).toBe(true);
  });

  it('counts each use of a nonce in eight digits, from 1, and anew for a new nonce (3.8)', async () => {
    let nonce = 'n1';
    const { authFetch, seen } = served(strict(() => nonce, 'qop="auth", stale=true'));
    for (let i = 0; i < 16; i++) await authFetch('/');
    nonce = 'n2';
    await authFetch('/');
    await authFetch('/');
    const counts = ncOf(seen).slice(1);
    expect(counts.slice(0, 17)).toEqual(
      Array.from({ length: 17 }, (_, i) => (i + 1).toString(16).padStart(8, '0')),
    );
    expect(counts.slice(17)).toEqual(['00000001', '00000002']);
  });

  it('goes on counting where a challenge gives the same nonce again (3.8)', async () => {
    const scheme = digest(MUFASA);
    const ncs: (string | undefined)[] = [];
    for (const nonce of ['a', 'a', 'a', 'b', 'a']) {
      const [asked] = parseChallenges(`Digest realm="r", nonce="${nonce}", qop=auth`);
      ncs.push(paramsOf(fieldOf(await scheme.credentials(targetOf(), asked)))['nc']);
    }
    expect(ncs).toEqual(['00000001', '00000002', '00000003', '00000001', '00000004']);
  });

  it('keeps the cnonce of a session as long as its nonce lives (3.15)', async () => {
    let n = 0;
    const scheme = digest(MUFASA, { cnonce: () => `c${++n}` });
    const seen: unknown[] = [];
    for (const nonce of ['a', 'a', 'a', 'b']) {
      const [asked] = parseChallenges(`Digest realm="r", nonce="${nonce}", qop=auth, algorithm=MD5-sess`);
      const written = fieldOf(await scheme.credentials(targetOf(), asked));
      const { cnonce, nc } = paramsOf(written);
      expect(
        isRight({ params: paramsOf(written), method: 'GET', path: '/', body: '', authorization: written }),
      ).toBe(true);
      seen.push([nc, cnonce]);
    }
    expect(seen).toEqual([
      ['00000001', 'c1'],
      ['00000002', 'c1'],
      ['00000003', 'c1'],
      ['00000001', 'c2'],
    ]);
  });

  it('retries a stale nonce with the new one, in the same call and without asking anybody (3.20)', async () => {
    let nonce = 'n1';
    const provider = vi.fn(async () => MUFASA);
    const { authFetch, seen } = served(
      strict(() => nonce, 'qop="auth", stale=TRUE'),
      provider,
    );
    await authFetch('/');
    nonce = 'n2';
    expect((await authFetch('/')).status).toBe(200);
    expect(nonces(seen)).toEqual([undefined, 'n1', 'n1', 'n2']);
    expect(provider).toHaveBeenCalledTimes(1);
  });

  it.each([true, false])(
    'leaves a server alone that finds every nonce stale, sent ahead: %s (3.20)',
    async (ahead) => {
      let n = 0;
      let isOpen = ahead;
      const { authFetch, seen } = served((one) =>
        isOpen && one.authorization ? ok() : challenge(`realm="r", nonce="n${++n}", qop="auth", stale=true`),
      );
      if (ahead) await authFetch('/');
      isOpen = false;
      seen.length = 0;
      const response = await authFetch('/');
      expect(response.status).toBe(401);
      expect(outcomeOf(response)).toMatchObject({ reason: 'refused-again', sendings: 3 });
      expect(seen).toHaveLength(3);
      expect(new Set(nonces(seen)).size).toBe(3);
    },
  );

  it('takes an answer that is refused without stale for a wrong password, and sends it no more', async () => {
    let n = 0;
    const { authFetch, seen } = served(() => challenge(`realm="r", nonce="n${++n}", qop="auth"`));
    const response = await authFetch('/');
    expect(await response.text()).toBe('no');
    expect(outcomeOf(response)).toMatchObject({
      reason: 'refused-again',
      sendings: 2,
      signInRequired: false,
    });
    expect(seen).toHaveLength(2);
    await authFetch('/');
    expect(nonces(seen)).toEqual([undefined, 'n1', undefined, 'n3']);
  });

  it('answers once where a nonce of earlier is refused without stale: servers forget what they gave', async () => {
    let nonce = 'n1';
    const { authFetch, seen } = served(strict(() => nonce));
    await authFetch('/');
    nonce = 'n2';
    expect((await authFetch('/')).status).toBe(200);
    expect(nonces(seen)).toEqual([undefined, 'n1', 'n1', 'n2']);
  });

  it('takes neither a 5xx nor a 403 for a refusal, and only the 403 for an acceptance', async () => {
    let status = 503;
    const { authFetch, seen } = served((one) =>
      one.authorization ? new Response('', { status }) : challenge('realm="r", nonce="n", qop="auth"'),
    );
    expect((await authFetch('/')).status).toBe(503);
    status = 403;
    expect((await authFetch('/')).status).toBe(403);
    expect((await authFetch('/')).status).toBe(403);
    expect(ncOf(seen)).toEqual([undefined, '00000001', undefined, '00000002', '00000003']);
  });

  it('does nothing about other challenges, or none', async () => {
    const scheme = digest(MUFASA);
    expect(scheme.remedy?.(parseChallenges('Basic realm="r"')[0], undefined)).toBeUndefined();
    expect(scheme.remedy?.(undefined, undefined)).toBeUndefined();
    const [asked] = parseChallenges('Basic realm="r"');
    expect(scheme.credentials(targetOf(), asked)).toBeUndefined();
    const { authFetch, seen } = served(() => new Response('', { status: 401 }));
    expect(outcomeOf(await authFetch('/'))?.reason).toBe('not-answerable');
    expect(seen).toHaveLength(1);
  });

  it('has nobody else for what it did not send, or for a challenge that it cannot read', async () => {
    const scheme = digest(MUFASA);
    const [asked] = parseChallenges('Digest realm="r", nonce="n"');
    const sent = (await scheme.credentials(targetOf(), asked)) as object;
    expect(await scheme.replace?.({}, targetOf(), asked)).toEqual({ undelivered: 'no-credentials' });
    expect(await scheme.replace?.(sent, targetOf(), undefined)).toEqual({ undelivered: 'no-credentials' });
    scheme.learn?.(undefined, targetOf(), ok());
    scheme.learn?.({ version: 'of another scheme' }, targetOf(), ok());
    expect(scheme.credentials(targetOf())).toBeUndefined();
  });

  it('leaves a 401 without any challenge as it is, and begins anew', async () => {
    let isMute = false;
    const { authFetch, seen } = served((one) => {
      if (isMute) return new Response('', { status: 401 });
      return one.authorization ? ok() : challenge('realm="r", nonce="n", qop="auth"');
    });
    await authFetch('/');
    isMute = true;
    expect(outcomeOf(await authFetch('/'))).toMatchObject({ reason: 'not-answerable', sendings: 1 });
    isMute = false;
    expect((await authFetch('/')).status).toBe(200);
    expect(ncOf(seen)).toEqual([undefined, '00000001', '00000002', undefined, '00000003']);
  });

  it('does not hand a password to Basic after it was refused here, but answers who asks for Basic only (3.26)', async () => {
    const seen: (string | null)[] = [];
    let field = 'Digest realm="r", nonce="n", qop="auth", Basic realm="r"';
    const authFetch = createAuthFetch({
      baseUrl: HOST,
      auth: [digest(MUFASA), basic(MUFASA)],
      fetch: async (input, init) => {
        seen.push(new Request(input, init).headers.get('authorization')?.slice(0, 6) ?? null);
        return new Response('', { status: 401, headers: { 'WWW-Authenticate': field } });
      },
    });
    expect((await authFetch('/')).status).toBe(401);
    expect(seen).toEqual([null, 'Digest']);
    seen.length = 0;
    field = 'Digest realm="r", nonce="n3", qop="auth", stale=true, Basic realm="r"';
    await authFetch('/');
    expect(seen).toEqual([null, 'Digest', 'Digest']);
    seen.length = 0;
    field = 'Basic realm="r"';
    await authFetch('/');
    expect(seen).toEqual([null, 'Basic ']);
  });
});

describe('digest: the body', () => {
  const asksFor = (qop: string) => (one: Seen) =>
    one.authorization && isRight(one) ? ok() : challenge(`realm="r", nonce="n", qop="${qop}"`);

  it.each([
    ['text', 'größe'],
    ['bytes', new TextEncoder().encode('größe')],
    ['a form', new URLSearchParams({ a: 'ö', b: '1 2' })],
    ['a Blob', new Blob(['größe'], { type: 'text/x' })],
    ['nothing', undefined],
  ])('is covered byte by byte with auth-int: %s (3.14)', async (_what, body) => {
    for (const qop of ['auth-int', 'auth,auth-int']) {
      const { authFetch, seen } = served(asksFor(qop));
      const init: RequestInit = body === undefined ? {} : { method: 'POST', body };
      expect((await authFetch('/', init)).status).toBe(200);
      expect((await authFetch('/', init)).status).toBe(200);
      const isCovered = body !== undefined || qop === 'auth-int';
      expect(seen.map(({ params }) => params['qop'])).toEqual([
        undefined,
        ...Array(2).fill(isCovered ? 'auth-int' : 'auth'),
      ]);
      expect(seen[2]?.body).toBe(seen[0]?.body);
    }
  });

  it('is covered in a form with files and in a Request too (3.14)', async () => {
    const form = new FormData();
    form.append('file', new Blob(['größe']), 'n.txt');
    const { authFetch, seen } = served(asksFor('auth-int'));
    expect((await authFetch('/', { method: 'POST', body: form })).status).toBe(200);
    expect((await authFetch(new Request(`${HOST}/`, { method: 'PUT', body: 'größe' }))).status).toBe(200);
    expect(seen.at(-1)?.body).toBe('größe');
  });

  const stream = () => new Blob(['größe']).stream();

  it('falls back to auth where it is a stream, and is not answered where that is not offered (3.14)', async () => {
    const init = () => ({ method: 'POST', body: stream(), duplex: 'half' }) as RequestInit;
    const both = served(asksFor('auth-int, auth'));
    expect((await both.authFetch('/', init())).status).toBe(200);
    expect((await both.authFetch('/', init())).status).toBe(200);
    expect(both.seen.map(({ params }) => params['qop'])).toEqual([undefined, 'auth', 'auth']);
    expect(both.seen[1]?.body).toBe('größe');
    const strictly = served(asksFor('auth-int'));
    const response = await strictly.authFetch('/', init());
    expect(outcomeOf(response)).toMatchObject({ reason: 'no-credentials', sendings: 1 });
    await strictly.authFetch('/');
    expect((await strictly.authFetch('/', init())).status).toBe(401);
    expect(strictly.seen.at(-1)?.authorization).toBeNull();
  });
});
