import { execFileSync } from 'node:child_process';
import { inspect } from 'node:util';
import { generateKeyPair } from 'dpop';
import { exportJWK, generateKeyPair as generateJwk } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { dpopKeyCore } from '../../../src/protocol/dpop-key.js';
import { type DpopKey, dpopKey } from '../../../src/schemes/dpop/index.js';
import { proofChecker } from '../../support/dpop-proof.js';
import { root } from '../../support/source.js';

afterEach(() => vi.unstubAllGlobals());

const url = 'https://api.example.com/x';
const proofOf = (key: DpopKey) => key[dpopKeyCore].prove({ method: 'GET', url, nonce: undefined });

/** What the server reads of a proof. */
async function shown(key: DpopKey) {
  return proofChecker()({ method: 'GET', url, headers: new Headers({ dpop: await proofOf(key) }) });
}

async function privateJwk(alg: string, options: object = {}) {
  const { privateKey } = await generateJwk(alg, { extractable: true, ...options });
  return exportJWK(privateKey);
}

const { subtle } = globalThis.crypto;
const pairOf = async (
  algorithm: EcKeyGenParams | RsaHashedKeyGenParams | { name: string },
  extractable = false,
) =>
  (await subtle.generateKey(algorithm as EcKeyGenParams, extractable, ['sign', 'verify'])) as CryptoKeyPair;
const rsaOf = (name: string, hash: string, modulusLength = 2048) =>
  pairOf({ name, hash, modulusLength, publicExponent: new Uint8Array([1, 0, 1]) });

describe('dpopKey without a source', () => {
  it('makes an ES256 key at the first proof, and the same key proves everything', async () => {
    const generate = vi.spyOn(subtle, 'generateKey');
    const key = dpopKey();
    expect(key.alg).toBe('ES256');
    expect(generate).not.toHaveBeenCalled();
    const [first, second] = [await shown(key), await shown(key)];
    expect(second.jkt).toBe(first.jkt);
    expect(second.claims['jti']).not.toBe(first.claims['jti']);
    expect((await shown(dpopKey())).jkt).not.toBe(first.jkt);
    // the private key can be taken out by nobody
    expect(generate.mock.calls[0]?.[1]).toBe(false);
    generate.mockRestore();
  });

  it('proves with one key, however many proofs are the first', async () => {
    const key = dpopKey();
    const all = await Promise.all(Array.from({ length: 8 }, () => shown(key)));
    expect(new Set(all.map(({ jkt }) => jkt)).size).toBe(1);
  });

  it('shows no key to who logs it', async () => {
    const key = dpopKey();
    await proofOf(key);
    const text = inspect(key, { showHidden: true, depth: 10 });
    expect(inspect(key)).toBe("{ alg: 'ES256' }");
    expect(text).not.toMatch(/CryptoKey|private/);
    expect(JSON.stringify(key)).toBe('{"alg":"ES256"}');
    expect(() => Object.assign(key, { alg: 'none' })).toThrow(TypeError);
  });
});

describe('dpopKey({ jwk })', () => {
  it.each([
    ['ES256', 'ES256', {}],
    ['Ed25519', 'Ed25519', {}],
    ['Ed25519', 'Ed25519', { alg: 'EdDSA' }],
    ['RS256', 'RS256', {}],
    ['PS256', 'PS256', { alg: 'PS256' }],
  ])('proves with a key for %s', async (made, alg, more) => {
    const jwk = { ...(await privateJwk(made)), ...more };
    const key = dpopKey({ jwk });
    expect(key.alg).toBe(alg);
    const proof = await shown(key);
    expect(proof.alg).toBe(alg);
    const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, alg: _alg, ...shownHalf } = jwk;
    expect(proof.jwk).toEqual(shownHalf);
  });

  it('takes alg, use, key_ops, kid and ext as keys of servers have them, and shows none of them', async () => {
    const jwk = await privateJwk('ES256');
    const more = { alg: 'ES256', use: 'sig', key_ops: ['sign'], kid: 'k', ext: false };
    const { jwk: seen } = await shown(dpopKey({ jwk: { ...jwk, ...more } }));
    expect(Object.keys(seen).sort()).toEqual(['crv', 'kty', 'x', 'y']);
  });

  it('is imported so that nobody can take the private key out', async () => {
    const imported = vi.spyOn(subtle, 'importKey');
    await proofOf(dpopKey({ jwk: await privateJwk('ES256') }));
    const asked = imported.mock.calls.map(([, jwk, , extractable, usages]) => [
      'd' in jwk,
      extractable,
      usages,
    ]);
    expect(asked.slice(-2)).toEqual([
      [false, true, ['verify']],
      [true, false, ['sign']],
    ]);
    imported.mockRestore();
  });

  it('heeds no change of the object after it was given', async () => {
    const jwk = await privateJwk('ES256');
    const key = dpopKey({ jwk });
    const { x } = jwk;
    jwk.x = 'another';
    expect((await shown(key)).jwk.x).toBe(x);
  });

  it('refuses what can sign no proof, at once', async () => {
    const jwk = await privateJwk('ES256');
    const { d: _, ...publicHalf } = jwk;
    const { x: __, ...without } = jwk;
    const rsa = await privateJwk('RS256');
    const wrong: [unknown, string][] = [
      [publicHalf, 'must be a private key: it has no "d"'],
      [without, 'has no "x"'],
      [{ kty: 'oct', k: 'AAAA' }, 'must be for'],
      [{ ...jwk, alg: 'HS256' }, 'must be for'],
      [{ ...jwk, alg: 'none' }, 'must be for'],
      [{ ...jwk, alg: 'ES384' }, 'must be for'],
      [{ ...jwk, crv: 'P-384' }, 'must be for'],
      [{ ...jwk, crv: 'secp256k1' }, 'must be for'],
      [{ kty: 'OKP', crv: 'X25519', x: 'a', d: 'b' }, 'must be for'],
      [{ kty: 'constructor' }, 'must be for'],
      [{ ...jwk, use: 'enc' }, 'must be for signing'],
      [{ ...jwk, key_ops: ['verify'] }, 'must be for signing'],
      [{ ...jwk, key_ops: 'sign' }, 'must be for signing'],
      [{ ...rsa, n: rsa.n?.slice(0, 171) }, 'must have at least 2048 bits'],
      ['{"kty":"EC"}', 'must be a private JWK'],
      [null, 'must be a private JWK'],
      [[], 'must be a private JWK'],
    ];
    for (const [given, text] of wrong) {
      expect(() => dpopKey({ jwk: given as object }), text).toThrow(TypeError);
      expect(() => dpopKey({ jwk: given as object })).toThrow(`dpopKey: \`jwk\` ${text}`);
    }
  });

  it('tells at the first use what the platform cannot import, without the key', async () => {
    const jwk = await privateJwk('ES256');
    const key = dpopKey({ jwk: { ...jwk, d: 'not-the-length', x: 'short' } });
    const error = await proofOf(key).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(inspect(error)).toContain('`jwk` is no key that this platform can import');
    expect(inspect(error, { showHidden: true })).not.toContain('not-the-length');
  });
});

describe('dpopKey({ publicKey, privateKey })', () => {
  it.each(['ES256', 'Ed25519', 'RS256', 'PS256'] as const)('proves with a pair for %s', async (alg) => {
    const key = dpopKey(await generateKeyPair(alg));
    expect(key.alg).toBe(alg);
    expect((await shown(key)).alg).toBe(alg);
  });

  it('refuses what can sign no proof, by the name of the option', async () => {
    const { publicKey, privateKey } = await pairOf({ name: 'ECDSA', namedCurve: 'P-256' }, true);
    const edwards = await pairOf({ name: 'Ed25519' });
    const long = await pairOf({ name: 'ECDSA', namedCurve: 'P-384' });
    const sha512 = await rsaOf('RSA-PSS', 'SHA-512');
    const short = await rsaOf('RSASSA-PKCS1-v1_5', 'SHA-256', 1024);
    const agreeing = (await subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, [
      'deriveBits',
    ])) as CryptoKeyPair;
    const mac = await subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    const hidden = { ...describeKey(publicKey), extractable: false };
    const wrong: [unknown, unknown, string][] = [
      [publicKey, undefined, '`privateKey` must be a private CryptoKey'],
      [undefined, privateKey, '`publicKey` must be a public CryptoKey'],
      [publicKey, publicKey, '`privateKey` must be a private CryptoKey'],
      [privateKey, privateKey, '`publicKey` must be a public CryptoKey'],
      [publicKey, await exportJWK(privateKey), '`privateKey` must be a private CryptoKey'],
      [publicKey, mac, '`privateKey` must be a private CryptoKey'],
      [publicKey, 'a pem', '`privateKey` must be a private CryptoKey'],
      [publicKey, null, '`privateKey` must be a private CryptoKey'],
      [agreeing.publicKey, agreeing.privateKey, '`privateKey` must allow "sign"'],
      [long.publicKey, long.privateKey, '`privateKey` must be for'],
      [sha512.publicKey, sha512.privateKey, '`privateKey` must be for'],
      [short.publicKey, short.privateKey, '`privateKey` must be for'],
      [edwards.publicKey, privateKey, '`publicKey` must be of the algorithm'],
      [hidden, privateKey, '`publicKey` must be extractable'],
    ];
    for (const [shownHalf, secret, text] of wrong) {
      const pair = { publicKey: shownHalf, privateKey: secret } as { publicKey: object; privateKey: object };
      expect(() => dpopKey(pair), text).toThrow(TypeError);
      expect(() => dpopKey(pair)).toThrow(`dpopKey: ${text}`);
    }
  });

  it('tells of what only looks like keys at the first use', async () => {
    const { publicKey, privateKey } = await pairOf({ name: 'ECDSA', namedCurve: 'P-256' });
    const key = dpopKey({ publicKey: describeKey(publicKey), privateKey: describeKey(privateKey) });
    await expect(proofOf(key)).rejects.toThrow('dpop: no proof could be signed with this key');
  });
});

const describeKey = ({ type, algorithm, extractable, usages }: CryptoKey) => ({
  type,
  algorithm,
  extractable,
  usages,
});

describe('dpopKey', () => {
  it('keeps what is inside under a registered symbol, so that two copies of the package agree', () => {
    expect(Symbol.for('latchkey.dpop-key') in dpopKey()).toBe(true);
  });

  it.each([
    ['nothing known', {}],
    ['two sources', { indexedDb: 'k', jwk: {} }],
    ['null', null],
    ['a text', 'app-key'],
    ['a list', []],
    ['an empty name', { indexedDb: '' }],
    ['a name that is none', { indexedDb: 1 }],
  ])('refuses %s', (_, from) => {
    expect(() => dpopKey(from as never)).toThrow(TypeError);
    expect(() => dpopKey(from as never)).toThrow(/^dpopKey: /);
  });

  it.each([
    ['no crypto', undefined],
    ['crypto without subtle, as over http', { getRandomValues: () => {} }],
  ])('tells at the first use that a platform has %s', async (_, crypto) => {
    vi.stubGlobal('crypto', crypto);
    const key = dpopKey();
    const error = await proofOf(key).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain('no Web Crypto');
    vi.unstubAllGlobals();
    // nothing of it is remembered
    expect((await shown(key)).alg).toBe('ES256');
  });

  it('can be imported and called on a platform without Web Crypto and IndexedDB', () => {
    const script = `delete globalThis.crypto; delete globalThis.CryptoKey;
      const { dpopKey } = await import('${root}dist/dpop.js');
      const made = [dpopKey(), dpopKey({ indexedDb: 'k' }), dpopKey({ jwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' } })];
      console.log(made.map(({ alg }) => alg).join());`;
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(out.trim()).toBe('ES256,ES256,ES256');
  });
});
