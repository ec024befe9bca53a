import { generateKeyPair, generateProof } from 'dpop';
import { type DpopKey, type DpopKeyCore, dpopKeyCore } from '../../protocol/dpop-key.js';
import { isObject } from '../../protocol/objects.js';
import { htuOf } from './htu.js';
import { fromJwk } from './jwk.js';
import { keptPair } from './kept.js';
import { algOfPair, type KeyPair } from './key-pair.js';
import { Nonces } from './nonces.js';
import { webCrypto } from './web-crypto.js';

/** Where a DPoP key comes from: a database of this origin, a private JWK, or a pair of CryptoKeys. */
export type DpopKeySource =
  | {
      /** The name of a database for this key alone. The private key cannot be read out of it. */
      readonly indexedDb: string;
    }
  | {
      /** A private key for ES256, Ed25519, RS256 or PS256. */
      readonly jwk:
        | { readonly kty?: string | undefined }
        | { readonly kty?: string | undefined; readonly [member: string]: unknown };
    }
  | {
      /** An extractable CryptoKey: every proof holds it. */
      readonly publicKey: object;
      /** A CryptoKey that may sign, of the same pair. */
      readonly privateKey: object;
    };

/**
 * The key pair that access tokens are bound to (RFC 9449, section 2), and what servers said of nonces. Made first and
 * given to both the provider and the scheme, because tokens and requests must be proved with the same key.
 *
 * Without `from` it is generated (ES256) and lives as long as the page or the process; so do the tokens bound to it.
 * `indexedDb` keeps it across reloads, in a browser; `jwk` and CryptoKeys are for servers. Nothing is imported,
 * generated or opened before the first proof.
 *
 * @throws TypeError naming the option that cannot work; from the first use where the platform has no Web Crypto or
 * cannot import the key. RefreshUnavailableError from a use where IndexedDB fails.
 * @example
 * ```ts
 * const key = dpopKey({ indexedDb: 'app-key' });
 * const idp = oauthProvider({ issuer: 'https://id.example.com', clientId: 'spa', dpop: key });
 * const session = createSession({ refresh: refreshTokenGrant(idp) });
 * const api = createAuthClient({ baseUrl: 'https://api.example.com/', auth: dpop(session, key) });
 * ```
 */
export function dpopKey(from?: DpopKeySource): DpopKey {
  const { alg, load } = sourceOf(from);
  return Object.freeze(
    Object.defineProperty({ alg }, dpopKeyCore, { value: Object.freeze(coreOf(alg, load)) }),
  ) as DpopKey;
}

function sourceOf(from: unknown): { readonly alg: string; load(): Promise<KeyPair> } {
  if (from === undefined) return { alg: 'ES256', load: () => generateKeyPair('ES256') };
  if (!isObject(from))
    throw new TypeError('dpopKey: `from` must be { indexedDb }, { jwk } or { publicKey, privateKey }');
  const { indexedDb, jwk, publicKey, privateKey } = from;
  const given = [indexedDb, jwk, publicKey ?? privateKey].filter((option) => option !== undefined);
  if (given.length !== 1) {
    throw new TypeError('dpopKey: one of `indexedDb`, `jwk`, or `publicKey` and `privateKey` must be given');
  }
  if (jwk !== undefined) return fromJwk(jwk);
  if (indexedDb === undefined) {
    const pair = { publicKey, privateKey } as KeyPair;
    return { alg: algOfPair(pair), load: async () => pair };
  }
  if (typeof indexedDb !== 'string' || indexedDb === '') {
    throw new TypeError('dpopKey: `indexedDb` must be the name of a database');
  }
  return { alg: 'ES256', load: keptPair(indexedDb) };
}

function coreOf(alg: string, load: () => Promise<KeyPair>): DpopKeyCore {
  const nonces = new Nonces();
  let pair: KeyPair | undefined;
  // Not one promise for all: on workerd one that began in another request may never settle. The first to come counts.
  const ready = async (): Promise<KeyPair> => {
    webCrypto();
    const loaded = await load();
    pair ??= loaded;
    return pair;
  };
  return {
    alg,
    async prove({ method, url, accessToken, nonce }) {
      const keys = pair ?? (await ready());
      try {
        return await generateProof(keys, htuOf(url), method, nonce, accessToken);
      } catch {
        throw new TypeError('dpop: no proof could be signed with this key');
      }
    },
    nonceFor: (url) => nonces.of(url),
    learn: (url, headers) => nonces.learn(url, headers),
  };
}
