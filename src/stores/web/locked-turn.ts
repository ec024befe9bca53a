import { RefreshUnavailableError } from '../../errors.js';
import { reasonOf } from '../../promise.js';
import type { Records } from './records.js';
import { type Overdue, Suspicion } from './suspicion.js';

/** Who waits looks so often whether the holder is still there, in milliseconds. */
const LOOK_MS = 1_000;
/** As long as a session keeps a turn, in milliseconds. */
const TURN_MS = 30_000;

type Task<T> = (signal: AbortSignal) => Promise<T>;

export interface Turns {
  readonly locks: LockManager;
  readonly name: string;
  readonly records: Pick<Records, 'load' | 'save'>;
  readonly lockTimeoutMs: number;
}

/** Runs the task while no other context of this browser profile runs one: in order, and never waiting for ever. */
export async function lockedTurn<T>(
  turns: Turns,
  task: Task<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal?.aborted) throw reasonOf(signal);
  const { locks, name, records, lockTimeoutMs } = turns;
  const waiting = new AbortController();
  const suspicion = new Suspicion(locks, name, records);
  let begun = false;
  let taken: Promise<T> | undefined;
  const stop = () => waiting.abort();
  const look = async () => {
    if (!(await suspicion.look())) return;
    // One thief at a time, and only where nobody has been quicker.
    await locks.request(`${name}:thief`, { ifAvailable: true }, async (lock) => {
      const overdue = lock && (await suspicion.look());
      if (!overdue || begun || waiting.signal.aborted) return;
      stop();
      const theft = steal(turns, task, overdue);
      taken = theft.turn;
      await theft.settled;
    });
  };
  const deadline = setTimeout(stop, lockTimeoutMs);
  const looking = setInterval(() => void look().catch(() => {}), LOOK_MS);
  signal?.addEventListener('abort', stop);
  const waited = () => {
    clearTimeout(deadline);
    clearInterval(looking);
    signal?.removeEventListener('abort', stop);
  };
  try {
    const begin = (lost: AbortSignal) => {
      if (waiting.signal.aborted) throw busy();
      begun = true;
      waited();
      return task(lost);
    };
    return await held(locks, name, { signal: waiting.signal }, begin);
  } catch (error) {
    if (begun || !waiting.signal.aborted) throw error;
  } finally {
    waited();
  }
  if (taken) return taken;
  throw signal?.aborted ? reasonOf(signal) : busy();
}

/** Takes the lock away from its holder; settled: whose it is has been said. */
function steal<T>(
  { locks, name, records }: Turns,
  task: Task<T>,
  { record }: Overdue,
): { readonly turn: Promise<T>; readonly settled: Promise<unknown> } {
  let claimed = () => {};
  const claim = new Promise<void>((resolve) => {
    claimed = resolve;
  });
  const turn = held(locks, name, { steal: true }, async (lost) => {
    // Who is alive after all has written since, or finds now that its record is not the newest.
    const mine = record && { ...record, revision: record.revision + 1, holderUntil: Date.now() + TURN_MS };
    if ((mine && !(await records.save(mine, record.revision))) || lost.aborted) throw busy();
    claimed();
    return task(lost);
  });
  turn.catch(() => {});
  return { turn, settled: Promise.race([claim, turn]) };
}

/** With the lock. A task from which it is stolen is told by its signal; what it does goes on, and settles this. */
async function held<T>(locks: LockManager, name: string, options: LockOptions, task: Task<T>): Promise<T> {
  const lost = new AbortController();
  let running: Promise<T> | undefined;
  const begin = async () => {
    running = (async () => task(lost.signal))();
    await running;
  };
  try {
    await locks.request(name, options, begin);
  } catch (error) {
    if (!running) throw error;
    lost.abort();
  }
  return running as unknown as Promise<T>;
}

function busy(): RefreshUnavailableError {
  return new RefreshUnavailableError('Another tab has the turn to refresh');
}
