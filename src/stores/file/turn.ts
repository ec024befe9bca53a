import { takeLock } from './lock.js';

/** Who has not shown life for so long loses the turn, in milliseconds: a session waits 8 s for one. */
const LEASE_MS = 7_000;
const BEAT_MS = 1_500;
/** The signal comes so much earlier. */
const MARGIN_MS = 1_000;

/** Runs the task while nobody else who shares the file runs one; the signal aborts before another can begin. */
export async function holdTurn<T>(
  path: string,
  task: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const lock = await takeLock(`${path}.turn`, LEASE_MS, { signal });
  const lost = new AbortController();
  let deadline: ReturnType<typeof setTimeout> | undefined;
  const holdFrom = (began: number) => {
    clearTimeout(deadline);
    // By a clock that goes on while this process is stopped.
    deadline = setTimeout(() => lost.abort(), began + LEASE_MS - MARGIN_MS - performance.now());
    deadline.unref();
  };
  const beat = async () => {
    // Who lost it shows no more life: a task that does not end must not keep others out.
    if (lost.signal.aborted) return;
    const began = performance.now();
    try {
      if (!(await lock.renew())) lost.abort();
      else if (!lost.signal.aborted) holdFrom(began);
    } catch {
      // the next beat tries again, until the time is over
    }
  };
  await beat();
  const timer = setInterval(beat, BEAT_MS);
  timer.unref();
  try {
    return await task(lost.signal);
  } finally {
    clearInterval(timer);
    clearTimeout(deadline);
    await lock.release();
  }
}
