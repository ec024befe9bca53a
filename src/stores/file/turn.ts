import { createMutex } from '../../mutex.js';
import { takeLock } from './lock.js';

/** Who has not shown life for so long loses the turn, in milliseconds: a session waits 8 s for one. */
const LEASE_MS = 7_000;
const BEAT_MS = 1_500;
/** The signal comes so much earlier. */
const MARGIN_MS = 1_000;

export interface Turns {
  /** Runs the task while nobody else who shares the file runs one; the signal aborts before another can begin. */
  turn<T>(
    place: () => Promise<string>,
    task: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T>;
  /** Aborts the signal of a turn that may be another's since this process was stopped: its timers come late. */
  check(): void;
}

/** The turns of one store, one at a time. */
export function createTurns(): Turns {
  const inTurn = createMutex();
  let check = () => {};

  const hold = async <T>(
    path: string,
    task: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> => {
    let held = moment();
    const lock = await takeLock(`${path}.turn`, LEASE_MS, { signal });
    const lost = new AbortController();
    let deadline: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      if (ageOf(held) >= LEASE_MS - MARGIN_MS) lost.abort();
    };
    const holdFrom = (began: Moment) => {
      held = began;
      clearTimeout(deadline);
      deadline = setTimeout(() => lost.abort(), LEASE_MS - MARGIN_MS - ageOf(held));
      deadline.unref();
    };
    const beat = async () => {
      // Who lost it shows no more life: a task that does not end must not keep others out.
      if (lost.signal.aborted) return;
      const began = moment();
      try {
        if (!(await lock.renew())) lost.abort();
        else if (!lost.signal.aborted) holdFrom(began);
      } catch {
        // the next beat tries again, until the time is over
      }
    };
    await beat();
    // It could not be renewed: what the lock was prepared with is the only sign of life.
    if (!deadline) holdFrom(held);
    const timer = setInterval(beat, BEAT_MS);
    timer.unref();
    check = look;
    try {
      return await task(lost.signal);
    } finally {
      check = () => {};
      clearInterval(timer);
      clearTimeout(deadline);
      await lock.release();
    }
  };

  return {
    turn: (place, task, signal) => inTurn(async () => hold(await place(), task, signal), signal),
    check: () => check(),
  };
}

/** By two clocks: one stands still while the machine is suspended, the other may be set. */
interface Moment {
  readonly running: number;
  readonly wall: number;
}

const moment = (): Moment => ({ running: performance.now(), wall: Date.now() });

const ageOf = ({ running, wall }: Moment): number => Math.max(performance.now() - running, Date.now() - wall);
