import { RefreshUnavailableError } from '../errors.js';
import { createMutex } from '../mutex.js';
import { pause, reasonOf, unlessAborted, within } from '../promise.js';
import type { TokenStore } from '../session/store.js';
import { Holding, lapses, type Stamp, stamp } from './holding.js';

/** The statements of a lease: each one is atomic at the server, whose clock decides. */
export interface Lease {
  /** 0: `holder` has it; otherwise for how many milliseconds another one does. */
  take(holder: string, ms: number): Promise<number>;
  /** false: `holder` has lost it. */
  renew(holder: string, ms: number): Promise<boolean>;
  /** Nothing happens where another holds it. */
  release(holder: string): Promise<unknown>;
}

export interface Turns {
  readonly turn: TokenStore['turn'];
  /** Somebody released the lease: who waits asks at once. */
  readonly wake: () => void;
  /** Aborts the signal of a turn whose lease ran out while this process slept. */
  readonly check: () => void;
  /** Renews the lease of the turn under way where it is not as good as new, or gives the turn up. */
  readonly confirm: () => Promise<void>;
}

const ASK_MS = 3_000;
const RELEASE_MS = 1_000;
const TRIES = 3;
const RETRY_MS = 50;
/** Whoever watches is told of a release; whoever cannot be told asks so often. */
const POLL_MS = 100;
const LONGEST_POLL_MS = 1_000;

/** Turns by a lease: one of this context at a time asks for it. Nothing of the server's is held while a task runs. */
export function leasedTurns(lease: Lease, leaseMs: number): Turns {
  const inTurn = createMutex();
  let wake = () => {};
  let releases = 0;
  let held: Holding | undefined;

  const run = async <T>(
    task: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> => {
    const holder = crypto.randomUUID();
    const since = await taken(holder, signal);
    const holding = new Holding(() => lease.renew(holder, leaseMs), leaseMs, since);
    held = holding;
    try {
      return await task(holding.signal);
    } finally {
      held = undefined;
      holding.end();
      await released(holder);
    }
  };

  const taken = async (holder: string, signal: AbortSignal | undefined): Promise<Stamp> => {
    let failures = 0;
    for (let tries = 0; ; tries++) {
      const since = stamp();
      const known = releases;
      const asked = lease.take(holder, leaseMs);
      const left = await settled(asked, signal);
      if (typeof left === 'object') {
        const final = signal?.aborted || left.late || ++failures === TRIES;
        if (!final) {
          await pause(RETRY_MS * 2 ** failures);
          continue;
        }
        giveBack(holder, asked);
        throw left.error;
      }
      if (left <= 0 && !lapses(since, leaseMs)) return since;
      // an answer that came too late is none
      if (left <= 0) await released(holder);
      else if (known === releases) await asleep(Math.min(left, pollMs(tries)), signal);
      if (signal?.aborted) throw reasonOf(signal);
    }
  };

  const released = (holder: string) => within(lease.release(holder), RELEASE_MS, late).catch(() => {});

  /** Whether it was taken may turn out when nobody wants it any more. */
  const giveBack = (holder: string, asked: Promise<number>) => {
    const release = () => lease.release(holder);
    asked.then(release, release).catch(() => {});
  };

  const asleep = (ms: number, signal: AbortSignal | undefined) =>
    new Promise<void>((resolve) => {
      const awake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', awake);
        wake = () => {};
        resolve();
      };
      const timer = setTimeout(awake, ms);
      signal?.addEventListener('abort', awake);
      wake = awake;
    });

  return {
    turn: (task, options) => inTurn(() => run(task, options?.signal), options?.signal),
    wake() {
      releases++;
      wake();
    },
    check: () => held?.check(),
    confirm: async () => held?.confirm(),
  };
}

interface Failed {
  readonly error: unknown;
  /** It may be answered yet. */
  readonly late: boolean;
}

async function settled(asked: Promise<number>, signal: AbortSignal | undefined): Promise<number | Failed> {
  let isLate = false;
  const tooLate = () => {
    isLate = true;
    return late();
  };
  try {
    return await unlessAborted(within(asked, ASK_MS, tooLate), signal);
  } catch (error) {
    return { error, late: isLate };
  }
}

/** Many who wait ask at different times, and less and less often. */
function pollMs(tries: number): number {
  return Math.min(POLL_MS * 1.5 ** tries, LONGEST_POLL_MS) * (0.5 + Math.random() / 2);
}

function late(): RefreshUnavailableError {
  return new RefreshUnavailableError('The server that gives the turns did not answer in time');
}
