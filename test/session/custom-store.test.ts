import { describe, expect, it, vi } from 'vitest';
import type { SessionRecord } from '../../src/protocol/record.js';
import { formatRecordText, parseRecordText } from '../../src/protocol/record-border.js';
import { isUnreadable } from '../../src/protocol/unreadable.js';
import { customStore } from '../../src/session/custom-store.js';
import { deferred } from '../support/deferred.js';

const record = (revision: number, id = 'i'): SessionRecord => ({ id, revision, generation: 1, boundTo: '' });

/** A place whose reads and writes settle when the test says so. */
function slowPlace(text: string | null = null) {
  const place = { text, log: [] as string[], steps: [] as (() => void)[] };
  const step = (name: string) =>
    new Promise<void>((resolve) => {
      place.log.push(name);
      place.steps.push(resolve);
    });
  return {
    place,
    of: {
      read: async () => {
        await step('read');
        return place.text;
      },
      write: async (next: string) => {
        await step('write');
        place.text = next;
      },
    },
  };
}
async function runSteps(place: { steps: (() => void)[] }) {
  for (let idle = 0; idle < 20; idle++) {
    const next = place.steps.shift();
    if (next) {
      next();
      idle = 0;
    }
    await Promise.resolve();
  }
}

describe('customStore', () => {
  it('throws a TypeError that names the member that is no function', () => {
    expect(() => customStore(undefined as never)).toThrow(new TypeError('read: must be a function'));
    expect(() => customStore({} as never)).toThrow(new TypeError('read: must be a function'));
    for (const name of ['write', 'lock', 'watch']) {
      const of = { read: () => null, [name]: 'text' };
      expect(() => customStore(of as never)).toThrow(new TypeError(`${name}: must be a function`));
    }
  });

  it('throws what a session can tell from a failing store where the text is no record, and never the text', async () => {
    for (const text of ['secret', '{}', formatRecordText(record(0)), 5, {}]) {
      const errors: unknown[] = [];
      try {
        customStore({ read: () => text as string }).load();
      } catch (error) {
        errors.push(error);
      }
      await Promise.resolve(customStore({ read: async () => text as string }).load()).catch((error) =>
        errors.push(error),
      );
      expect(errors.map(isUnreadable)).toEqual([true, true]);
      expect(errors.map(String).join()).not.toContain('secret');
    }
    expect([undefined, null, new Error('x')].map(isUnreadable)).toEqual([false, false, false]);
  });

  it('passes on that it cannot be read', async () => {
    const broken = customStore({ read: () => Promise.reject(new Error('offline')), write: () => {} });
    await expect(broken.load()).rejects.toThrow('offline');
    await expect(broken.save(record(1), 0)).rejects.toThrow('offline');
  });

  it('passes on that it cannot be written', async () => {
    const full = customStore({ read: () => null, write: () => Promise.reject(new Error('full')) });
    await expect(full.save(record(1), 0)).rejects.toThrow('full');
  });

  it('takes null, undefined and the empty text for nothing', () => {
    for (const text of [null, undefined, ''])
      expect(customStore({ read: () => text }).load()).toBeUndefined();
  });

  it('reads synchronously where the place does, and keeps `this`', () => {
    const place = {
      text: formatRecordText(record(3)),
      read() {
        return this.text;
      },
    };
    expect(customStore(place).load()).toEqual(record(3));
  });

  it('compares before it writes', async () => {
    const { place, of } = slowPlace(formatRecordText(record(3)));
    const store = customStore(of);
    const late = store.save(record(3, 'other'), 2);
    await runSteps(place);
    expect(await late).toBe(false);
    expect(place.log).toEqual(['read']);
    const saved = store.save(record(4), 3);
    await runSteps(place);
    expect(await saved).toBe(true);
    expect(parseRecordText(place.text ?? '')).toEqual(record(4));
  });

  it('lets one of two concurrent saves win', async () => {
    const { place, of } = slowPlace();
    const store = customStore(of);
    const saves = [store.save(record(1, 'a'), 0), store.save(record(1, 'b'), 0)];
    await runSteps(place);
    expect(await Promise.all(saves)).toEqual([true, false]);
    expect(place.log).toEqual(['read', 'write', 'read']);
  });

  it('saves inside a turn', async () => {
    const { place, of } = slowPlace();
    const store = customStore(of);
    const saved = store.turn(async () => store.save(record(1), 0));
    await runSteps(place);
    expect(await saved).toBe(true);
  });

  it('lets a sign-in write over what cannot be read', async () => {
    const place = { text: 'garbage' };
    const store = customStore({
      read: () => place.text,
      write: (text) => {
        place.text = text;
      },
    });
    expect(await store.save(record(1), 0)).toBe(true);
    expect(store.load()).toEqual(record(1));
  });

  it('is read-only without `write`, and never exclusive', () => {
    const readOnly = customStore({ read: () => null });
    expect(readOnly.readOnly).toBe(true);
    expect(readOnly.save(record(1), 0)).toBe(false);
    const lock = <T>(work: () => Promise<T>) => work();
    const locking = customStore({ read: () => null, write: () => {}, lock });
    expect([locking.readOnly, locking.exclusive, readOnly.exclusive]).toEqual([undefined, false, false]);
  });

  it('watches only where the place can be watched', () => {
    expect('watch' in customStore({ read: () => null })).toBe(false);
    const stop = vi.fn();
    const watch = vi.fn(() => stop);
    const listener = () => {};
    customStore({ read: () => null, watch }).watch?.(listener)();
    expect(watch).toHaveBeenCalledWith(listener);
    expect(stop).toHaveBeenCalledOnce();
  });

  it('runs one turn at a time in this context, inside the lock', async () => {
    const log: string[] = [];
    const gate = deferred<void>();
    const signals: unknown[] = [];
    const store = customStore({
      read: () => null,
      lock: async (work, signal) => {
        signals.push(signal);
        log.push('lock');
        await work();
        log.push('unlock');
        // What the work brought is not handed on.
        return undefined as never;
      },
    });
    const { signal } = new AbortController();
    const first = store.turn(
      async () => {
        await gate.promise;
        return 'first';
      },
      { signal },
    );
    const second = store.turn(async (inside) => inside.aborted);
    expect(log).toEqual(['lock']);
    gate.resolve();
    expect(await first).toBe('first');
    expect(await second).toBe(false);
    expect(log).toEqual(['lock', 'unlock', 'lock', 'unlock']);
    expect(signals).toEqual([signal, undefined]);
  });

  it('fails the turn whose lock was not given, and frees the next', async () => {
    let tries = 0;
    const store = customStore({
      read: () => null,
      lock: async (work) => {
        tries += 1;
        if (tries === 1) throw new Error('held elsewhere');
        return tries === 2 ? (undefined as never) : work();
      },
    });
    const task = vi.fn(async () => 'ran');
    await expect(store.turn(task)).rejects.toThrow('held elsewhere');
    await expect(store.turn(task)).rejects.toThrow('The lock did not run the work');
    expect(task).not.toHaveBeenCalled();
    expect(await store.turn(task)).toBe('ran');
  });

  it('fails the turn whose task fails', async () => {
    const store = customStore({ read: () => null, lock: (work) => work() });
    await expect(store.turn(() => Promise.reject(new Error('task')))).rejects.toThrow('task');
    expect(await store.turn(async () => 'next')).toBe('next');
  });
});
