import type { Reason } from '../../protocol/outcome.js';
import type { Seen } from './seen.js';
import { shown } from './shown.js';

/** Why there was none. */
const NONE: Readonly<Partial<Record<Reason, string>>> = {
  'signed-out': 'none: nobody is signed in',
  'no-refresh-token': 'none: the session has no refresh token that it could use, and no `acquire`',
  'refresh-limit': 'none: 5 within a minute were begun by refusals of unexpired tokens',
  'refused-fresh': 'none: the token replaced a refused one a moment ago, and no server has taken it yet',
  'no-credentials': 'none: there were no other credentials',
  'one-shot': 'beside this call, for the next one',
  redirected: 'none: the request could not have been sent again',
  'other-origin': 'none: another origin is not answered',
  'read-only': 'none: the store is read-only',
  'insufficient-scope': 'none: a fresh token could do no more',
  'insufficient-authentication': 'none: a fresh token could do no more',
  'insufficient-claims': 'none: a fresh token could do no more',
};

/** Whether a refresh was made, and what came of it. */
export function renewal({ outcome, facts }: Seen): string | undefined {
  if (outcome === undefined) return undefined;
  const { reason } = outcome;
  const ended = facts?.ended;
  if (reason === 'session-ended' && ended?.cause === 'rejected')
    return `made, and rejected${saidBy(ended.error)}`;
  if (reason === 'session-ended') return `none: the sign-in ended${ENDED[ended?.cause ?? ''] ?? ''}`;
  const last = facts?.tries.filter(({ by, sent }) => by !== undefined && sent).at(-1);
  if (last === undefined || last.by === 'answer') {
    return NONE[reason] ?? (facts && 'none: there were no other credentials to try');
  }
  const then = NONE[reason] === undefined ? '' : `; then ${NONE[reason]}`;
  if (last.by === 'step-up') return `the step-up brought other credentials, and they were refused too${then}`;
  if (!/^(?:bearer|dpop|cookie)$/.test(last.scheme ?? '')) {
    return `other credentials were obtained, and they were refused too${then}`;
  }
  return last.minted === false
    ? `not by this call: newer credentials were there already, and they were refused too${then}`
    : `made, and the new credentials were refused too${then}`;
}

const ENDED: Readonly<Record<string, string>> = {
  user: ' here, by signOut()',
  elsewhere: ' in another context, or another took its place',
  expired: ' when its token had expired',
};

/** RFC 6749, section 5.2, as the error of the refresh has it. */
export function saidBy(about: unknown): string {
  const { error, errorDescription } = Object(about) as { error?: unknown; errorDescription?: unknown };
  const code = shown(error);
  const description = shown(errorDescription);
  return `${code === '' ? '' : `: ${code}`}${description === '' ? '' : ` ("${description}")`}`;
}
