import pRetry from 'p-retry';
import type { Challenge } from '../protocol/challenge.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { Flight } from './flight.js';
import type { GrantContext, Renewed } from './grant.js';
import type { Judged } from './judged.js';
import { judgeError } from './judged.js';
import type { Parts } from './parts.js';
import { pause } from './wait.js';

const RETRIES = 2;
const FIRST_PAUSE_MS = 200;

/** What came of asking, and whether an answer was lost on the way. */
export interface Answer {
  readonly judged: Judged;
  /** A request was sent whose answer never came: the server may have rotated. */
  readonly lost: boolean;
}

class Unavailable extends Error {
  readonly judged: Judged & { type: 'unavailable' };
  constructor(judged: Judged & { type: 'unavailable' }) {
    super('unavailable');
    this.judged = judged;
  }
}

/**
 * Asks for tokens: once, and again only after a transport failure, 408, 429 or 5xx, inside the callers' time.
 * What failed is retried, what is slow is not.
 */
export async function ask(
  parts: Parts,
  flight: Flight,
  grant: (context: GrantContext) => Promise<Renewed>,
  signal: AbortSignal,
): Promise<Answer> {
  const { ledger } = parts;
  const { held, record } = ledger;
  const until = parts.now() + parts.timeoutMs;
  // Nobody could use the answer any more, or another context may have spent what would be posted again: who slept.
  const over = () =>
    signal.aborted ||
    parts.now() >= until ||
    flight.life !== ledger.life ||
    ledger.held !== held ||
    ledger.record?.tokens?.refreshToken !== record?.tokens?.refreshToken;
  let lost = false;
  const attempt = async (): Promise<Judged> => {
    const judged = await once(parts, grant, flight.purpose.challenge, signal);
    if (judged.type !== 'unavailable') return judged;
    lost ||= judged.lost;
    if (judged.lost) noteLost(parts);
    throw new Unavailable(judged);
  };
  try {
    const judged = await pRetry(attempt, {
      // The user is not asked twice.
      retries: flight.promptMs > 0 ? 0 : RETRIES,
      minTimeout: 0,
      shouldRetry: ({ error }) => error instanceof Unavailable && error.judged.retry && !over(),
      // p-retry knows no Retry-After and its jitter only lengthens: the wait is here, which it awaits.
      onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
        if (!(error instanceof Unavailable) || !error.judged.retry || retriesLeft === 0) throw error;
        const backoff = FIRST_PAUSE_MS * 2 ** (attemptNumber - 1) * (0.5 + Math.random());
        const ms = error.judged.retryAfterMs ?? backoff;
        if (over() || parts.now() + ms >= until) throw error;
        await pause(ms);
        // Of the timers that are overdue when a process wakes, those of a lost turn run after this one.
        await pause(0);
      },
    });
    return { judged, lost };
  } catch (error) {
    if (error instanceof Unavailable) return { judged: error.judged, lost };
    return { judged: await judgeError(error, parts.now()), lost };
  }
}

/** The server may have spent what is held. */
export function noteLost(parts: Parts): void {
  const { held, record } = parts.ledger;
  parts.lost = record?.tokens?.refreshToken ?? held;
}

/** Calls a function of the user's, and judges what it returns or throws. */
export async function once(
  parts: Parts,
  grant: (context: GrantContext) => Promise<Renewed>,
  challenge: Challenge | undefined,
  signal: AbortSignal,
): Promise<Judged> {
  const secrets = secretsOf(parts.ledger.record?.tokens);
  try {
    parts.inGrant = true;
    let renewed: Promise<Renewed>;
    try {
      renewed = grant({ signal, fetch: parts.fetch(), ...(challenge ? { challenge } : {}) });
    } finally {
      parts.inGrant = false;
    }
    return await parts.judge(await renewed, parts.now(), secrets);
  } catch (error) {
    return judgeError(error, parts.now(), secrets);
  }
}

/** What a server may repeat in its texts. */
export function secretsOf(tokens: TokenSet | undefined): readonly string[] {
  const { accessToken, refreshToken, idToken } = tokens ?? {};
  return [accessToken, refreshToken, idToken].filter((secret) => secret !== undefined);
}
