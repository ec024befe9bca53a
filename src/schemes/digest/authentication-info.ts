import { parseChallenges } from '../../protocol/challenge.js';
import { isFieldText } from '../../protocol/syntax.js';
import type { Sent } from './sent.js';

type Info = Readonly<Record<string, string | undefined>>;

const NOTHING: Info = {};

/** The auth-params of Authentication-Info (RFC 7615, section 3; RFC 7616, section 3.5). */
export function readInfo({ headers }: Response): Info {
  const field = headers.get('authentication-info');
  return (field && parseChallenges(`Digest ${field}`)[0]?.params) || NOTHING;
}

/** The nonce that the server wants to see next. */
export function nextNonce({ nextnonce }: Info): string | undefined {
  return nextnonce && isFieldText(nextnonce) ? nextnonce : undefined;
}

/** Whether rspauth proves that the server knows the password, and answers this sending (RFC 7616, section 3.5). */
export function isProof({ rspauth = '', qop, nc, cnonce }: Info, sent: Sent, bodyHash: string): boolean {
  const isOfThis =
    (qop ?? sent.qop) === sent.qop &&
    (nc?.toLowerCase() ?? sent.nc) === sent.nc &&
    (cnonce ?? sent.cnonce) === sent.cnonce;
  return isOfThis && isEqual(rspauth.toLowerCase(), sent.digest('', bodyHash));
}

/** Takes as long whatever differs. */
function isEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
