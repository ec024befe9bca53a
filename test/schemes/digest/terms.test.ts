import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../../src/protocol/challenge.js';
import { ALGORITHMS } from '../../../src/schemes/digest/algorithm.js';
import { digest } from '../../../src/schemes/digest/digest.js';
import { readTerms } from '../../../src/schemes/digest/terms.js';
import { fieldOf, MUFASA, nodeHash, paramsOf, served, targetOf } from './support.js';

const read = (params: string) => readTerms(parseChallenges(`Digest ${params}`)[0], ALGORITHMS);

describe('a Digest challenge', () => {
  it('needs a realm, which may be empty, and a nonce, which may not (3.1)', () => {
    expect(read('realm="", nonce="n"')).toMatchObject({ realm: '', nonce: 'n' });
    for (const bad of ['nonce="n"', 'realm="r"', 'realm="r", nonce=""', 'realm="r", nonce=']) {
      expect(read(bad), bad).toBeUndefined();
    }
  });

  it.each([
    ['', 'md5'],
    [', algorithm=MD5', 'md5'],
    [', algorithm="mD5"', 'md5'],
    [', algorithm=SHA-256', 'sha-256'],
    [', algorithm="sha-512-256"', 'sha-512-256'],
    [', algorithm=SHA-256-SESS', 'sha-256'],
  ])('has an algorithm, MD5 where it names none, whatever its case and quotes: %j (3.2)', (more, name) => {
    const terms = read(`realm="r", nonce="n"${more}`);
    expect(terms?.hash('abc')).toBe(nodeHash(name, 'abc'));
    expect(terms?.isSession).toBe(/sess/i.test(more));
  });

  it.each([
    'SHA',
    'SHA-1',
    'SHA-512',
    'MD5-sess-sess',
    'sess',
    '-sess',
    'awezum',
    '__proto__',
    'constructor',
    '',
  ])('is ignored where the algorithm is unknown: %j (3.2)', (algorithm) => {
    expect(read(`realm="r", nonce="n", algorithm="${algorithm}"`)).toBeUndefined();
  });

  it.each([
    ['qop="auth"', ['auth']],
    ['qop=auth', ['auth']],
    ['qop="AUTH-INT ,\t auth"', ['auth-int', 'auth']],
    ['qop="crazy, auth"', ['auth']],
    ['qop=""', undefined],
    ['qop=" , "', undefined],
    ['nothing=1', undefined],
  ])('offers what is known of its qop list: %s (3.4)', (qop, expected) => {
    expect(read(`realm="r", nonce="n", ${qop}`)?.qops).toEqual(expected);
  });

  it('is ignored where it offers unknown qop values only, and not answered as if it had offered none (3.5)', () => {
    for (const qop of ['crazy', 'auth-conf', 'auth-integrity, x']) {
      expect(read(`realm="r", nonce="n", qop="${qop}"`)).toBeUndefined();
    }
  });

  it('is ignored where it holds what no header can carry back', () => {
    for (const name of ['realm', 'nonce', 'opaque']) {
      for (const value of ['a\u0000b', 'a\r\nb', '\u20ac', '\ud800']) {
        const params = { realm: 'r', nonce: 'n', opaque: 'o', [name]: value };
        expect(readTerms({ scheme: 'digest', params }, ALGORITHMS), name).toBeUndefined();
      }
    }
  });

  it('says stale and userhash in any case, and nothing else counts as yes', () => {
    expect(read('realm="r", nonce="n", stale=TRUE, userhash="True"')).toMatchObject({
      stale: true,
      userhash: true,
    });
    expect(read('realm="r", nonce="n", stale="yes", userhash=1')).toMatchObject({
      stale: false,
      userhash: false,
    });
  });
});

describe('several Digest challenges', () => {
  it('are answered in the order of the server: the first that can be (3.3)', async () => {
    const field =
      'Newauth x=1, Digest realm="r", nonce="a", algorithm=SHA-1, Digest realm="r", nonce="b", algorithm=SHA-256, Digest realm="r", nonce="c"';
    const answer = () => new Response('', { status: 401, headers: { 'WWW-Authenticate': field } });
    const strong = served(answer);
    await strong.authFetch('/');
    expect(strong.seen.map(({ params }) => params['nonce'])).toEqual([undefined, 'b']);
    const weak = served(answer, MUFASA, { algorithms: ['MD5'] });
    await weak.authFetch('/');
    expect(weak.seen.map(({ params }) => params['nonce'])).toEqual([undefined, 'c']);
  });

  it('are not answered one after the other: after a refusal nothing weaker is tried (3.26)', async () => {
    const field = 'Digest realm="r", nonce="b", algorithm=SHA-256, Digest realm="r", nonce="c"';
    const { authFetch, seen } = served(
      () => new Response('', { status: 401, headers: { 'WWW-Authenticate': field } }),
    );
    expect((await authFetch('/')).status).toBe(401);
    expect(seen).toHaveLength(2);
  });
});

describe('the credentials', () => {
  it('quote what RFC 7616 quotes, and nothing else (3.7)', async () => {
    const scheme = digest({ username: 'u"\\', password: 'p' }, { cnonce: () => 'c"\\' });
    const [asked] = parseChallenges(
      'Digest realm="r \\"q\\" \\\\", nonce="n\\"", opaque="", qop="auth", algorithm="SHA-256"',
    );
    const field = fieldOf(await scheme.credentials(targetOf('/a?b="'), asked));
    const response = /response="([0-9a-f]{64})"/.exec(field)?.[1];
    expect(field).toBe(
      'Digest username="u\\"\\\\", realm="r \\"q\\" \\\\", nonce="n\\"", uri="/a?b=%22", algorithm=SHA-256, ' +
        `response="${response}", opaque="", qop=auth, nc=00000001, cnonce="c\\"\\\\"`,
    );
    const key = nodeHash('sha-256', 'u"\\:r "q" \\:p');
    const a2 = nodeHash('sha-256', 'GET:/a?b=%22');
    // hashed without the backslashes of the wire
    expect(response).toBe(nodeHash('sha-256', `${key}:n":00000001:c"\\:auth:${a2}`));
  });

  it.each(['r\\', '\\', '"', '\\"', 'r\\\\"', 'a", username="evil'])(
    'cannot be broken out of by a realm: %j (3.12)',
    async (realm) => {
      const scheme = digest(MUFASA);
      const asked = { scheme: 'digest', params: { realm, nonce: realm, opaque: realm } };
      const params = paramsOf(fieldOf(await scheme.credentials(targetOf(), asked)));
      expect(params).toMatchObject({ username: 'Mufasa', realm, nonce: realm, opaque: realm });
      const key = nodeHash('md5', `Mufasa:${realm}:Circle of Life`);
      expect(params['response']).toBe(nodeHash('md5', `${key}:${realm}:${nodeHash('md5', 'GET:/')}`));
    },
  );

  it('echo opaque as it came, also when it is empty, and send none where there was none (3.13)', async () => {
    const opaqueOf = async (more: string) => {
      const [asked] = parseChallenges(`Digest realm="r", nonce="n"${more}`);
      return paramsOf(fieldOf(await digest(MUFASA).credentials(targetOf(), asked)))['opaque'];
    };
    expect(await opaqueOf('')).toBeUndefined();
    expect(await opaqueOf(', opaque=""')).toBe('');
    expect(await opaqueOf(', opaque="a\\"b \u00e4"')).toBe('a"b \u00e4');
  });

  it('are those of RFC 2069 where no qop is offered: no qop, no nc, a cnonce only for a session (3.6)', async () => {
    for (const algorithm of ['MD5', 'MD5-sess']) {
      const [asked] = parseChallenges(`Digest realm="r", nonce="n", algorithm=${algorithm}`);
      const params = paramsOf(fieldOf(await digest(MUFASA).credentials(targetOf(), asked)));
      expect(Object.keys(params)).toEqual(
        ['username', 'realm', 'nonce', 'uri', 'algorithm', 'response'].concat(
          algorithm === 'MD5' ? [] : 'cnonce',
        ),
      );
    }
  });
});
