import { createMutex } from '../../src/mutex.js';
import { reasonOf, unlessAborted } from '../../src/promise.js';
import { pause, within } from '../../src/session/wait.js';

/** What a lease can be asked for; the server's clock decides. */
export interface Lease {
  /** 0: `holder` has it; otherwise for how many milliseconds another one does. */
  take(holder: string): Promise<number>;
  /** false: `holder` has lost it. */
  renew(holder: string): Promise<boolean>;
  release(holder: string): Promise<unknown>;
}

export interface LeaseClient {
  turn<T>(task: (signal: AbortSignal) => Promise<T>, signal: AbortSignal | undefined): Promise<T>;
  /** The lease was released: whoever waits asks at once. */
  wake(): void;
  /** Aborts the signal of a turn whose lease ran out while the process was stopped. */
  check(): void;
}

const askMs = 3_000;
const releaseMs = 1_000;
const trusted = 0.9;

/** Turns by a lease as one process of a fleet takes them; `renews` false: it forgets to renew and to look at the clock. */
export function createLeaseClient(lease: Lease, leaseMs: number, renews = true): LeaseClient {
  const inTurn = createMutex();
  let wake = (): void => {};
  let check = (): void => {};
  const late = () => new Error('no answer in time');

  const taken = async (holder: string, signal: AbortSignal | undefined): Promise<number> => {
    for (let failures = 0; ; ) {
      const since = performance.now();
      const asked = lease.take(holder);
      const left = await unlessAborted(within(asked, askMs, late), signal).catch(() => undefined);
      if (left === undefined) {
        if (!signal?.aborted && ++failures < 3) {
          await pause(40 * 2 ** failures);
          continue;
        }
        const release = () => lease.release(holder);
        asked.then(release, release).catch(() => {});
        throw signal?.aborted ? reasonOf(signal) : late();
      }
      if (left <= 0 && performance.now() - since < leaseMs * trusted) return since;
      if (left <= 0) await within(lease.release(holder), releaseMs, late).catch(() => {});
      else await asleep(Math.min(left, 400 * (0.5 + Math.random() / 2)), signal);
      if (signal?.aborted) throw reasonOf(signal);
    }
  };

  const asleep = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve) => {
      const awake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', awake);
        resolve();
      };
      const timer = setTimeout(awake, ms);
      signal?.addEventListener('abort', awake);
      wake = awake;
    });

  /** Renews at a third of the lease; the signal aborts at nine tenths of what was last granted. */
  const held = (holder: string, from: number): { signal: AbortSignal; end: () => void } => {
    const controller = new AbortController();
    let since = from;
    let isOver = false;
    let deadline: ReturnType<typeof setTimeout> | undefined;
    let renewal: ReturnType<typeof setTimeout> | undefined;
    const end = (): void => {
      isOver = true;
      clearTimeout(deadline);
      clearTimeout(renewal);
      check = () => {};
    };
    const lose = (): void => {
      end();
      controller.abort(new Error('the lease was lost'));
    };
    const look = (): void => {
      if (!isOver && performance.now() - since >= leaseMs * trusted) lose();
    };
    const keep = (at: number): void => {
      since = at;
      clearTimeout(deadline);
      deadline = setTimeout(look, Math.max(0, since + leaseMs * trusted - performance.now()));
    };
    const again = async (): Promise<void> => {
      const at = performance.now();
      const kept = await within(lease.renew(holder), leaseMs / 3, late).catch(() => undefined);
      if (isOver) return;
      if (kept === false) {
        lose();
        return;
      }
      if (kept) keep(at);
      renewal = setTimeout(again, kept ? leaseMs / 3 : leaseMs / 10);
    };
    if (renews) {
      check = look;
      keep(from);
      renewal = setTimeout(again, leaseMs / 3);
    }
    return { signal: controller.signal, end };
  };

  return {
    turn: (task, signal) =>
      inTurn(async () => {
        const holder = crypto.randomUUID();
        const { signal: lost, end } = held(holder, await taken(holder, signal));
        try {
          return await task(lost);
        } finally {
          end();
          await within(lease.release(holder), releaseMs, late).catch(() => {});
        }
      }, signal),
    wake: () => wake(),
    check: () => check(),
  };
}
