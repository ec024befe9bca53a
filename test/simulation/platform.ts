import type { Random } from './random.js';
import type { Scheduler } from './scheduler.js';

const longest = 2 ** 31 - 1;

/** Puts virtual timers, clock and randomness in place of the platform's; returns the way back. */
export function replacePlatform(
  scheduler: Scheduler,
  random: Random,
  rejected: (reason: unknown) => void,
): () => void {
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  const { now } = Date;
  const { random: mathRandom } = Math;
  const elapsed = performance.now;
  const randomUUID = Object.getOwnPropertyDescriptor(crypto, 'randomUUID');
  const started = scheduler.now;
  let uuids = 0;

  type Handle = { entry: ReturnType<Scheduler['at']>; unref(): Handle; ref(): Handle };
  const start = (delay: number | undefined, run: () => void): Handle => {
    // As platforms do: what does not fit 31 bits fires at once.
    const ms = delay !== undefined && delay > 0 && delay <= longest ? delay : 0;
    const handle: Handle = {
      entry: scheduler.at(ms, scheduler.owner, run, true),
      unref: () => handle,
      ref: () => handle,
    };
    return handle;
  };
  const stop = (handle: Handle | undefined): void => {
    if (handle?.entry) handle.entry.cancelled = true;
  };
  const replacements = {
    setTimeout: (run: (...args: unknown[]) => void, delay?: number, ...args: unknown[]) =>
      start(delay, () => run(...args)),
    clearTimeout: stop,
    setInterval: (run: (...args: unknown[]) => void, delay?: number, ...args: unknown[]) => {
      const again = (): void => {
        handle.entry = start(Math.max(1, delay ?? 0), again).entry;
        run(...args);
      };
      const handle = start(Math.max(1, delay ?? 0), again);
      return handle;
    },
    clearInterval: stop,
  };
  Object.assign(globalThis, replacements);
  Date.now = () => scheduler.now;
  Math.random = random.next;
  performance.now = () => scheduler.now - started;
  Object.defineProperty(crypto, 'randomUUID', {
    configurable: true,
    value: () => `00000000-0000-4000-8000-${String(++uuids).padStart(12, '0')}`,
  });
  process.on('unhandledRejection', rejected);

  return () => {
    Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
    Date.now = now;
    Math.random = mathRandom;
    performance.now = elapsed;
    if (randomUUID) Object.defineProperty(crypto, 'randomUUID', randomUUID);
    else Reflect.deleteProperty(crypto, 'randomUUID');
    process.off('unhandledRejection', rejected);
  };
}
