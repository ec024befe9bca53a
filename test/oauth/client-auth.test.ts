import { createPublicKey, generateKeyPairSync, type webcrypto } from 'node:crypto';
import { inspect } from 'node:util';
import { exportJWK, generateKeyPair, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import type { KeyLike, ProviderOptions } from '../../src/oauth/index.js';
import { clientCredentialsGrant, oauthProvider } from '../../src/oauth/index.js';
import {
  authorizationServer,
  context,
  issuer,
  rejection,
  type Seen,
  tokenUrl,
} from './authorization-server.js';

const clientId = 'cc:odd';
const clientSecret = 'a+b c:%/&=é€';

async function sent(auth: object, times = 1) {
  const { fetch, to } = authorizationServer();
  const acquire = clientCredentialsGrant({ issuer, clientId, ...auth } as ProviderOptions);
  for (let i = 0; i < times; i++) await acquire(context(fetch));
  return to(tokenUrl) as [Seen, ...Seen[]];
}

function refused(options: object) {
  return expect(() => oauthProvider({ issuer, clientId, ...options } as ProviderOptions));
}

const pair = (alg: string) => generateKeyPair(alg, { extractable: true });

describe('ProviderOptions: client authentication that cannot work', () => {
  it('needs a clientId and, for a secret method, a clientSecret', () => {
    refused({ clientId: undefined }).toThrow(/^clientId /);
    refused({ clientId: '' }).toThrow(TypeError);
    refused({ clientId: '\ud800' }).toThrow(/^clientId .*well-formed/);
    for (const clientAuth of ['client_secret_basic', 'client_secret_post', 'client_secret_jwt']) {
      refused({ clientAuth }).toThrow(/^clientSecret /);
      refused({ clientAuth, clientSecret: '' }).toThrow(TypeError);
    }
  });

  it('takes one method only, and one it knows', () => {
    refused({ clientAuth: 'none', clientSecret }).toThrow(/^clientSecret /);
    refused({ clientAuth: 'private_key_jwt', clientSecret }).toThrow(/^clientSecret /);
    refused({ clientSecret, privateKey: {} }).toThrow(/^privateKey /);
    refused({ clientAuth: 'tls_client_auth' }).toThrow(/^clientAuth /);
    refused({ clientAuth: 'toString', clientSecret }).toThrow(/^clientAuth /);
  });

  it('never shows the secret', () => {
    refused({ clientAuth: 'none', clientSecret }).not.toThrow(clientSecret);
    const provider = oauthProvider({ issuer, clientId, clientSecret });
    expect(JSON.stringify(provider) + inspect(provider, { depth: 9 })).not.toContain('a+b');
  });

  it('needs a private key that signs', async () => {
    const { publicKey, privateKey } = await pair('ES256');
    const jwk = await exportJWK(privateKey);
    for (const key of [undefined, null, 'key', {}, publicKey, await exportJWK(publicKey)]) {
      refused({ clientAuth: 'private_key_jwt', privateKey: key }).toThrow(/^privateKey /);
    }
    for (const alg of ['none', 'HS256', 'toString']) {
      refused({ clientAuth: 'private_key_jwt', privateKey: { ...jwk, alg } }).toThrow(/^privateKey /);
    }
    refused({ clientAuth: 'private_key_jwt', privateKey: { ...jwk, kty: 'oct', crv: undefined } }).toThrow(
      TypeError,
    );
    refused({ clientAuth: 'private_key_jwt', privateKey: jwk, keyId: '' }).toThrow(/^keyId /);
    const decrypting = (await crypto.subtle.generateKey(
      { name: 'RSA-OAEP', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
      false,
      ['encrypt', 'decrypt'],
    )) as webcrypto.CryptoKeyPair;
    refused({ clientAuth: 'private_key_jwt', privateKey: decrypting.privateKey }).toThrow(/^privateKey /);
  });

  it('tells of a key that cannot be imported without showing it', async () => {
    const { fetch, to } = authorizationServer();
    const privateKey = { kty: 'EC', crv: 'P-256', x: 'eA', y: 'eQ', d: 'secret-number' };
    const acquire = clientCredentialsGrant({ issuer, clientId, clientAuth: 'private_key_jwt', privateKey });
    const error = await rejection(acquire(context(fetch)));
    expect(error).toMatchObject({ code: 'refresh-misconfigured' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret-number');
    expect(to(tokenUrl)).toEqual([]);
  });
});

describe('ProviderOptions: client authentication', () => {
  it('without a secret sends client_id in the body and no Authorization', async () => {
    const [{ headers, form }] = await sent({});
    expect(headers.has('authorization')).toBe(false);
    expect(Object.fromEntries(form)).toEqual({ grant_type: 'client_credentials', client_id: clientId });
  });

  it('with a secret form-encodes id and secret before Basic, and puts neither into the body', async () => {
    const [{ headers, form }] = await sent({ clientSecret });
    const basic = /^Basic (\S+)$/.exec(headers.get('authorization') ?? '')?.[1] ?? '';
    const [id, secret, ...rest] = Buffer.from(basic, 'base64').toString('latin1').split(':');
    const decode = (text = '') => new URLSearchParams(`v=${text}`).get('v');
    expect([decode(id), decode(secret), rest]).toEqual([clientId, clientSecret, []]);
    expect(secret).toMatch(/^a%2Bb\+c%3A%25%2F%26%3D/);
    expect(Object.fromEntries(form)).toEqual({ grant_type: 'client_credentials' });
  });

  it('with client_secret_post puts both into the body and nothing into a header', async () => {
    const [{ headers, form }] = await sent({ clientAuth: 'client_secret_post', clientSecret });
    expect(headers.has('authorization')).toBe(false);
    expect([form.get('client_id'), form.get('client_secret')]).toEqual([clientId, clientSecret]);
  });

  it('with client_secret_jwt signs a short-lived assertion, a new one for each request', async () => {
    const requests = await sent({ clientAuth: 'client_secret_jwt', clientSecret }, 2);
    const jtis = new Set();
    for (const { form, headers } of requests) {
      expect(headers.has('authorization')).toBe(false);
      expect(form.has('client_secret')).toBe(false);
      expect(form.get('client_assertion_type')).toBe(
        'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      );
      const key = new TextEncoder().encode(clientSecret);
      const { payload } = await jwtVerify(form.get('client_assertion') ?? '', key, { audience: issuer });
      expect([payload.iss, payload.sub, payload.aud]).toEqual([clientId, clientId, issuer]);
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
      jtis.add(payload.jti);
    }
    expect(jtis.size).toBe(2);
  });

  it.each(['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'Ed25519', 'EdDSA'])(
    'with private_key_jwt signs with a JWK of %s and its kid, a new assertion for each request',
    async (alg) => {
      const { publicKey, privateKey } = await pair(alg);
      const jwk = { ...(await exportJWK(privateKey)), alg, kid: 'k1' };
      const requests = await sent({ clientAuth: 'private_key_jwt', privateKey: jwk }, 2);
      const read = requests.map(({ form }) => jwtVerify(form.get('client_assertion') ?? '', publicKey));
      const [one, two] = await Promise.all(read);
      expect(one?.protectedHeader).toMatchObject({ kid: 'k1' });
      expect(one?.payload).toMatchObject({ iss: clientId, sub: clientId, aud: issuer });
      expect(one?.payload.jti).not.toBe(two?.payload.jti);
    },
  );

  it.each([
    ['rsa', { modulusLength: 2048 }, 'RS256'],
    ['ec', { namedCurve: 'P-256' }, 'ES256'],
    ['ec', { namedCurve: 'P-384' }, 'ES384'],
    ['ec', { namedCurve: 'P-521' }, 'ES512'],
    ['ed25519', {}, 'Ed25519'],
  ])('with a JWK of %s %o and no alg signs with %s', async (type, options, alg) => {
    const { privateKey } = generateKeyPairSync(type as 'ec', options as { namedCurve: string });
    const jwk = privateKey.export({ format: 'jwk' }) as KeyLike;
    const [request] = await sent({ clientAuth: 'private_key_jwt', privateKey: jwk, keyId: 'mine' });
    const verified = await jwtVerify(request.form.get('client_assertion') ?? '', createPublicKey(privateKey));
    expect(verified.protectedHeader).toEqual({ alg, kid: 'mine' });
  });

  it('with private_key_jwt takes a CryptoKey that cannot be exported, and no kid', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: false });
    const [request] = await sent({ clientAuth: 'private_key_jwt', privateKey });
    const verified = await jwtVerify(request.form.get('client_assertion') ?? '', publicKey);
    expect(verified.protectedHeader).toEqual({ alg: 'ES256' });
  });

  it('names the token endpoint in assertions where no issuer is known', async () => {
    const { publicKey, privateKey } = await pair('ES256');
    const { fetch, to } = authorizationServer();
    const provider = {
      tokenEndpoint: tokenUrl,
      clientId,
      clientAuth: 'private_key_jwt',
      privateKey,
    } as const;
    await clientCredentialsGrant(provider)(context(fetch));
    await jwtVerify(to(tokenUrl)[0]?.form.get('client_assertion') ?? '', publicKey, { audience: tokenUrl });
  });
});
