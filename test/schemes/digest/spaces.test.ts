import { describe, expect, it } from 'vitest';
import { createAuthFetch, outcomeOf } from '../../../src/fetch.js';
import { parseChallenges } from '../../../src/protocol/challenge.js';
import { digest } from '../../../src/schemes/digest/digest.js';
import { challenge, fieldOf, HOST, isRight, MUFASA, type Seen, served, targetOf } from './support.js';

const asked = (params: string) => parseChallenges(`Digest realm="r", nonce="n", qop="auth"${params}`)[0];
const ok = () => new Response('ok');

/** A scheme that was let in at this path, and what it sends ahead elsewhere. */
async function letIn(params: string, path = '/a/b', origin = HOST) {
  const scheme = digest(MUFASA);
  const target = { ...targetOf(), url: origin + path };
  scheme.learn?.((await scheme.credentials(target, asked(params))) as object, target, ok());
  return async (url: string) => {
    const field = fieldOf(
      await scheme.credentials({ ...targetOf(), url: /^http/.test(url) ? url : HOST + url }),
    );
    return field !== '';
  };
}

describe('the protection space', () => {
  it('is the whole origin where no domain is named, and no other origin (3.23)', async () => {
    for (const params of ['', ', domain=""', ', domain="  "']) {
      const sends = await letIn(params);
      for (const url of ['/a/b', '/', '/x/y?z', 'https://h.example', 'https://h.example:443/q']) {
        expect(await sends(url), url).toBe(true);
      }
      for (const url of ['http://h.example/a', 'https://h.example:8443/a', 'https://h.example.evil.test/a']) {
        expect(await sends(url), url).toBe(false);
      }
    }
  });

  it('is what domain names, absolute or below the origin (3.23)', async () => {
    const sends = await letIn(', domain="/a/ https://h.example/docs /c?d"');
    for (const url of ['/a/b', '/a/', '/docs', '/docs/x', '/c?d=1', '/x/../a/b'])
      expect(await sends(url), url).toBe(true);
    for (const url of ['/', '/a', '/c', '/A/b', '/b/', '/a/../x', '/a/%2e%2e/x']) {
      expect(await sends(url), url).toBe(false);
    }
  });

  it('never reaches to another origin, whatever domain says (3.23)', async () => {
    const evil = [
      'https://evil.test/',
      '//evil.test/',
      '/\\evil.test/',
      'http://h.example/',
      'https://h.example@evil.test/',
    ];
    for (const uri of evil) {
      const sends = await letIn(`, domain="${uri}"`);
      for (const url of ['https://evil.test/x', 'http://h.example/x', '/a/b'])
        expect(await sends(url), url).toBe(false);
    }
    const sends = await letIn(', domain="https://evil.test/ /a/ nonsense https://[ javascript:1 \u0000"');
    expect(await sends('/a/b')).toBe(true);
    expect(await sends('/x')).toBe(false);
  });

  it('begins with the first success: nothing is sent ahead after a refusal (3.24)', async () => {
    const scheme = digest(MUFASA);
    const target = targetOf('/a');
    const sent = (await scheme.credentials(target, asked(''))) as object;
    expect(scheme.credentials(target)).toBeUndefined();
    const no = new Response('', {
      status: 401,
      headers: { 'WWW-Authenticate': 'Digest realm="r", nonce="m"' },
    });
    scheme.learn?.(sent, target, no);
    expect(scheme.credentials(target)).toBeUndefined();
  });

  it('is told from another realm of the same origin by where each was let in', async () => {
    const realms = (one: Seen) => {
      const realm = one.path.startsWith('/b/') ? 'B' : 'A';
      return one.params['realm'] === realm && isRight(one)
        ? ok()
        : challenge(`realm="${realm}", nonce="${realm}", qop="auth"`);
    };
    const { authFetch, seen } = served(realms);
    for (const path of ['/a/1', '/b/1']) expect((await authFetch(path)).status).toBe(200);
    seen.length = 0;
    for (const path of ['/a/2', '/b/2', '/b/c/3', '/a/3', '/4']) {
      expect((await authFetch(path)).status, path).toBe(200);
    }
    expect(seen.map(({ params }) => params['realm'])).toEqual(['A', 'B', 'B', 'A', 'A']);
  });

  it('is left for another realm that asks after it was answered, in the same call', async () => {
    const { authFetch, seen } = served((one) => {
      const { realm } = one.params;
      if (realm === 'B' && isRight(one)) return ok();
      return challenge(`realm="${realm === undefined ? 'A' : 'B'}", nonce="n", qop="auth"`);
    });
    expect((await authFetch('/')).status).toBe(200);
    expect(seen.map(({ params }) => params['realm'])).toEqual([undefined, 'A', 'B']);
  });

  it('is another one where the realm of an origin was renamed', async () => {
    let realm = 'A';
    const { authFetch, seen } = served((one) =>
      one.params['realm'] === realm && isRight(one)
        ? ok()
        : challenge(`realm="${realm}", nonce="${realm}", qop="auth"`),
    );
    await authFetch('/a/1');
    realm = 'B';
    for (const path of ['/a/2', '/b/3', '/a/4', '/5']) expect((await authFetch(path)).status).toBe(200);
    expect(seen.map(({ params }) => params['realm'])).toEqual([
      undefined,
      'A',
      'A',
      'B',
      'A',
      'B',
      'B',
      'A',
      'B',
    ]);
  });

  it('stays bounded where a server invents realms and domains without end', async () => {
    const scheme = digest(MUFASA);
    for (let i = 0; i < 500; i++) {
      const target = targetOf(`/${i}/x`);
      const [one] = parseChallenges(`Digest realm="r${i}", nonce="n${i}", domain="/${i}/"`);
      scheme.learn?.((await scheme.credentials(target, one)) as object, target, ok());
    }
    const known = await Promise.all(
      Array.from(
        { length: 500 },
        async (_, i) => fieldOf(await scheme.credentials(targetOf(`/${i}/y`))) !== '',
      ),
    );
    expect(known.filter(Boolean).length).toBeLessThanOrEqual(64);
    expect(known.at(-1)).toBe(true);
  });
});

describe('redirects', () => {
  it('are followed with credentials for the new request-target, inside the space', async () => {
    const { authFetch, seen } = served((one) => {
      if (!one.authorization) return challenge('realm="r", nonce="n", qop="auth", domain="/in/"');
      if (!isRight(one)) return new Response('', { status: 400 });
      return one.path === '/in/old'
        ? new Response('', { status: 307, headers: { Location: '/in/new?x' } })
        : ok();
    });
    const response = await authFetch('/in/old', { method: 'POST', body: 'b' });
    expect([response.status, response.redirected]).toEqual([200, true]);
    expect(seen.map(({ path, params, body }) => [path, params['uri'], params['nc'], body])).toEqual([
      ['/in/old', undefined, undefined, 'b'],
      ['/in/old', '/in/old', '00000001', 'b'],
      ['/in/new?x', '/in/new?x', '00000002', 'b'],
    ]);
  });

  it('out of the space lead to a challenge there, which is answered', async () => {
    const { authFetch, seen } = served((one) => {
      const realm = one.path.startsWith('/in/') ? 'in' : 'out';
      if (one.params['realm'] !== realm || !isRight(one)) {
        return challenge(`realm="${realm}", nonce="${realm}", qop="auth", domain="/${realm}/"`);
      }
      return realm === 'in' ? new Response('', { status: 302, headers: { Location: '/out/' } }) : ok();
    });
    expect((await authFetch('/in/')).status).toBe(200);
    expect(seen.map(({ path, params }) => [path, params['realm']])).toEqual([
      ['/in/', undefined],
      ['/in/', 'in'],
      ['/out/', undefined],
      ['/out/', 'out'],
    ]);
  });

  it('out of the domain lead to a challenge of the same realm, and that is no refusal of the password', async () => {
    const { authFetch, seen } = served((one) => {
      if (!one.authorization || !isRight(one)) {
        return challenge(`realm="r", nonce="${one.path}", qop="auth", domain="/in/"`);
      }
      return one.path === '/in/' ? new Response('', { status: 302, headers: { Location: '/out/' } }) : ok();
    });
    expect((await authFetch('/in/')).status).toBe(200);
    expect(seen.map(({ path, authorization }) => [path, authorization !== null])).toEqual([
      ['/in/', false],
      ['/in/', true],
      ['/out/', false],
      ['/out/', true],
    ]);
  });

  it('to another origin carry nothing, and its challenge is not answered', async () => {
    const seen: (readonly [string, boolean])[] = [];
    const evil = 'https://evil.test/x';
    const authFetch = createAuthFetch({
      baseUrl: HOST,
      auth: digest(MUFASA),
      fetch: async (input, init) => {
        const { url, headers } = new Request(input, init);
        seen.push([url, headers.has('authorization')]);
        if (url === evil || !headers.has('authorization')) return challenge('realm="r", nonce="n"');
        return new Response('', { status: 302, headers: { Location: evil } });
      },
    });
    const response = await authFetch('/');
    expect(outcomeOf(response)?.reason).toBe('other-origin');
    expect(seen).toEqual([
      [`${HOST}/`, false],
      [`${HOST}/`, true],
      [evil, false],
    ]);
  });

  it('tell the scheme what each answer on the way says: its nextnonce is used at the next hop', async () => {
    const { authFetch, seen } = served((one) => {
      const nonce = `n${seen.length - 1}`;
      if (!one.authorization) return challenge('realm="r", nonce="n1", qop="auth"');
      if (one.params['nonce'] !== nonce) return challenge('realm="r", nonce="x", qop="auth"');
      const headers = { 'Authentication-Info': `nextnonce="n${seen.length}"`, Location: '/next' };
      return new Response('', { status: one.path === '/next' ? 200 : 302, headers });
    });
    expect((await authFetch('/')).status).toBe(200);
    expect(seen.map(({ params }) => params['nonce'])).toEqual([undefined, 'n1', 'n2']);
  });
});
