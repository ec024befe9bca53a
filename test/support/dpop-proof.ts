import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, type JWK, jwtVerify } from 'jose';

/** A request as a server sees it. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
}

export interface Proof {
  readonly alg: string;
  readonly jwk: JWK;
  readonly jkt: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Checks proofs as RFC 9449, section 4.3 says, with jose; one for each server, because it remembers every `jti`. */
export function proofChecker(): (request: Received, accessToken?: string) => Promise<Proof> {
  const known = new Set<unknown>();
  return async ({ method, url, headers }, accessToken) => {
    const field = headers.get('dpop') ?? '';
    // two fields would be joined by a comma
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(field)) throw new Error('not exactly one proof');
    const { payload, protectedHeader } = await jwtVerify(field, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: ['ES256', 'Ed25519', 'RS256', 'PS256'],
      maxTokenAge: '60 s',
    });
    const { alg, jwk, ...others } = protectedHeader;
    if (jwk === undefined || Object.keys(others).join() !== 'typ') throw new Error('header');
    if (Object.keys(jwk).some((name) => /^(?:d|p|q|dp|dq|qi|k)$/.test(name))) throw new Error('private key');
    const { jti, htm, htu, ath } = payload;
    if (typeof jti !== 'string' || jti.length < 16 || known.has(jti)) throw new Error('jti');
    known.add(jti);
    if (htm !== method) throw new Error(`htm: ${htm}`);
    if (htu !== url.replace(/[?#].*$/, '')) throw new Error(`htu: ${htu}`);
    const hash = accessToken && createHash('sha256').update(accessToken).digest('base64url');
    if (ath !== hash) throw new Error(`ath: ${ath}`);
    return { alg, jwk: jwk as JWK, jkt: await calculateJwkThumbprint(jwk as JWK), claims: payload };
  };
}
