import { afterEach, describe, expect, it, vi } from 'vitest';
import { ANY_BINDING } from '../../src/protocol/reconcile.js';
import type { SessionRecord } from '../../src/protocol/record.js';
import { memoryStore } from '../../src/session/memory-store.js';
import { deferred } from '../support/deferred.js';

const NOW = 1_700_000_000_000;
const record = (revision: number, id = 'i'): SessionRecord => ({ id, revision, generation: 1, boundTo: '' });
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('memoryStore', () => {
  it('throws a TypeError that names `initial` and holds no value of it', () => {
    for (const initial of [null, 'secret', {}, { access_token: 'with a secret' }]) {
      expect(() => memoryStore(initial as never)).toThrow(TypeError);
      expect(() => memoryStore(initial as never)).toThrow(/^initial: (?!.*secret)/);
    }
  });

  it('saves nothing where another revision is stored', () => {
    const store = memoryStore();
    expect(store.save(record(2), 1)).toBe(false);
    expect(store.load()).toBeUndefined();
    expect(store.save(record(1), 0)).toBe(true);
    expect(store.save(record(1, 'other'), 0)).toBe(false);
    expect(store.load()).toEqual(record(1));
    expect(store.save(record(2), 1)).toBe(true);
    expect(store.load()).toEqual(record(2));
  });

  it('is exclusive and answers synchronously', () => {
    const store = memoryStore();
    expect(store.exclusive).toBe(true);
    expect(store.readOnly).toBeUndefined();
    expect(store.save(record(1), 0)).toBe(true);
    expect(store.load()).toEqual(record(1));
  });

  it('begins with the given tokens, whose lifetime counts from the first load', () => {
    vi.useFakeTimers({ now: NOW - 60_000 });
    const store = memoryStore({ access_token: 'a', refresh_token: 'r', expires_in: 300 });
    vi.setSystemTime(NOW);
    const first = store.load();
    expect(first).toEqual({
      id: expect.stringMatching(/^.{20,}$/),
      revision: 1,
      generation: 1,
      boundTo: ANY_BINDING,
      tokens: { accessToken: 'a', refreshToken: 'r', expiresAt: NOW + 300_000 },
      mintedAt: NOW,
      expiresAt: NOW + 300_000,
    });
    vi.setSystemTime(NOW + 1_000);
    expect(store.load()).toBe(first);
  });

  it('begins with tokens of unknown life', () => {
    const first = memoryStore({ accessToken: 'opaque' }).load() as SessionRecord;
    expect(first.tokens).toEqual({ accessToken: 'opaque' });
    expect('expiresAt' in first).toBe(false);
  });

  it('compares a save before the first load with the given tokens', () => {
    const store = memoryStore({ accessToken: 'a' });
    expect(store.save(record(1, 'other'), 0)).toBe(false);
    expect(store.save(record(2, 'other'), 1)).toBe(true);
    expect(store.load()).toEqual(record(2, 'other'));
  });

  it('gives another id to every store', () => {
    const ids = [memoryStore({ accessToken: 'a' }), memoryStore({ accessToken: 'a' })].map(
      (store) => (store.load() as SessionRecord).id,
    );
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('gives one holder at a time the turn, in order, the first in the same tick', async () => {
    const store = memoryStore();
    const gate = deferred<void>();
    const log: string[] = [];
    const first = store.turn(async (signal) => {
      log.push('first');
      await gate.promise;
      log.push(String(signal.aborted));
    });
    const second = store.turn(async () => log.push('second'));
    expect(log).toEqual(['first']);
    await settled();
    expect(log).toEqual(['first']);
    gate.resolve();
    await Promise.all([first, second]);
    expect(log).toEqual(['first', 'false', 'second']);
  });

  it('ends the wait for a turn with its signal, and never the turn', async () => {
    const store = memoryStore();
    const gate = deferred<void>();
    const controller = new AbortController();
    let inside: AbortSignal | undefined;
    const first = store.turn(
      async (signal) => {
        inside = signal;
        await gate.promise;
        return 'kept';
      },
      { signal: controller.signal },
    );
    const second = store.turn(async () => 'never', { signal: controller.signal });
    controller.abort('enough');
    await expect(second).rejects.toBe('enough');
    expect(inside?.aborted).toBe(false);
    gate.resolve();
    expect(await first).toBe('kept');
  });

  it('tells every listener after a save, never inside it', async () => {
    const store = memoryStore();
    const heard: string[] = [];
    const listener = () => heard.push('twice');
    store.watch?.(() => {
      throw new Error('a listener of somebody else');
    });
    store.watch?.(listener);
    const stop = store.watch?.(listener);
    store.save(record(1), 0);
    expect(heard).toEqual([]);
    await settled();
    expect(heard).toEqual(['twice', 'twice']);
    stop?.();
    store.save(record(9), 0);
    await settled();
    expect(heard).toHaveLength(2);
    store.save(record(2), 1);
    await settled();
    expect(heard).toHaveLength(3);
  });

  it('tells nobody who stopped before the message arrived', async () => {
    const store = memoryStore();
    const heard = vi.fn();
    const stop = store.watch?.(heard);
    store.save(record(1), 0);
    stop?.();
    await settled();
    expect(heard).not.toHaveBeenCalled();
  });
});
