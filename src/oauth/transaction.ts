import { RefreshRejectedError } from '../errors.js';
import { jsonObject } from './json.js';

/** A user who takes longer begins again, in milliseconds. */
const longestMs = 3_600_000;
/** A clock that was set back by more makes the age unknown. */
const aheadMs = 60_000;
const mostKept = 10_000;

/** What one authorization request must still know when its response comes (RFC 9700, section 2.1). */
export interface Transaction {
  /** Issuer or token endpoint, and client id. */
  readonly boundTo: string;
  /** Where the request went (RFC 9207, section 2.4). */
  readonly issuer: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly codeVerifier: string;
  /** Where an ID Token is expected. */
  readonly nonce?: string | undefined;
  /** Seconds since the user may have been asked (OpenID Connect Core 1.0, section 3.1.2.1). */
  readonly maxAge?: number | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

type Fit = Pick<Transaction, 'boundTo' | 'redirectUri'>;

const random = /^[\w.~-]{43,128}$/;
const text = (value: unknown): boolean => typeof value === 'string' && value !== '';
const members: { readonly [name in keyof Transaction]-?: (value: unknown) => boolean } = {
  boundTo: text,
  issuer: text,
  redirectUri: text,
  state: (value) => text(value) && random.test(value as string),
  codeVerifier: (value) => text(value) && random.test(value as string),
  nonce: (value) => value === undefined || (text(value) && random.test(value as string)),
  maxAge: (value) => value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0),
  at: Number.isSafeInteger,
};

/**
 * The transaction that an app has kept, if it is one of this flow and recent.
 *
 * @throws RefreshRejectedError where it is not.
 */
export function readTransaction(kept: string, { boundTo, redirectUri }: Fit): Transaction {
  const found = kept.length > 65_536 ? undefined : jsonObject(kept);
  const names = Object.keys(members) as (keyof Transaction)[];
  if (!found || !names.every((name) => members[name](found[name]))) throw refused('it cannot be read');
  const transaction = found as unknown as Transaction;
  if (transaction.boundTo !== boundTo || transaction.redirectUri !== redirectUri) {
    throw refused('it is of another server, client or redirect URI');
  }
  const age = Date.now() - transaction.at;
  if (age > longestMs || age < -aheadMs) throw refused('it is older than an hour');
  return transaction;
}

const spent = new Map<string, number>();

/**
 * Takes a transaction out of use in this JavaScript context (RFC 7636, section 4.1: a verifier is for one request).
 *
 * @throws RefreshRejectedError where it was used before.
 */
export function spend({ state, at }: Transaction): void {
  if (spent.has(state)) throw refused('it was used before');
  spent.set(state, at);
  // In the order of use: who is too old to be read need not be remembered.
  for (const [known, since] of spent) {
    if (spent.size <= mostKept && Date.now() - since <= longestMs) break;
    spent.delete(known);
  }
}

function refused(why: string): RefreshRejectedError {
  return new RefreshRejectedError(`The transaction is refused: ${why}. Begin the sign-in again`);
}
