import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listenersOf, type Opening, sharedListener } from '../../src/stores/listener.js';
import { deferred } from '../support/deferred.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function connections() {
  const made: { opening: Opening; ear: ReturnType<typeof earOf> }[] = [];
  const earOf = () => ({
    listen: vi.fn(async (_: string): Promise<unknown> => undefined),
    unlisten: vi.fn(async (_: string): Promise<unknown> => undefined),
    close: vi.fn(),
  });
  const open = vi.fn((opening: Opening) => {
    const ear = earOf();
    made.push({ opening, ear });
    return ear;
  });
  return { made, open, listen: sharedListener(open) };
}
const settled = () => vi.advanceTimersByTimeAsync(0);

describe('sharedListener', () => {
  it('opens one connection for all who listen, and closes it after the last', async () => {
    const { made, open, listen } = connections();
    const stops = ['a', 'b', 'a'].map((channel) => listen(channel, () => {}));
    made[0]?.opening.ready();
    await settled();
    expect(open).toHaveBeenCalledTimes(1);
    expect(made[0]?.ear.listen.mock.calls).toEqual([['a'], ['b']]);
    stops[0]?.();
    expect(made[0]?.ear.unlisten).not.toHaveBeenCalled();
    stops[2]?.();
    stops[2]?.();
    expect(made[0]?.ear.unlisten.mock.calls).toEqual([['a']]);
    stops[1]?.();
    expect(made[0]?.ear.close).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells of what is said on the channel, and when it begins to hear, whoever comes later alone', async () => {
    const { made, listen } = connections();
    const heard: string[] = [];
    listen('a', (message) => heard.push(`1${message}`));
    made[0]?.opening.ready();
    await settled();
    listen('a', (message) => heard.push(`2${message}`));
    await settled();
    made[0]?.opening.heard('a', 'saved');
    made[0]?.opening.heard('b', 'saved');
    expect(heard).toEqual(['1', '2', '1saved', '2saved']);
  });

  it('tells everybody after a reconnect, once it listens again', async () => {
    const { made, listen } = connections();
    const heard: string[] = [];
    listen('a', (message) => heard.push(message));
    made[0]?.opening.ready();
    await settled();
    made[0]?.opening.ready();
    await settled();
    expect(heard).toEqual(['', '']);
    expect(made[0]?.ear.listen).toHaveBeenCalledTimes(2);
  });

  it('opens another one where one is lost, later and later until it hears again', async () => {
    const { made, open, listen } = connections();
    const stop = listen('a', () => {});
    for (let i = 0; i < 12; i++) {
      made.at(-1)?.opening.lost();
      made.at(-1)?.opening.lost();
      await vi.advanceTimersByTimeAsync(30_000);
      expect(open).toHaveBeenCalledTimes(i + 2);
    }
    made.at(-1)?.opening.lost();
    await vi.advanceTimersByTimeAsync(14_000);
    expect(open).toHaveBeenCalledTimes(13);
    await vi.advanceTimersByTimeAsync(16_001);
    made.at(-1)?.opening.ready();
    await settled();
    made.at(-1)?.opening.lost();
    await vi.advanceTimersByTimeAsync(251);
    expect(open).toHaveBeenCalledTimes(15);
    stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('opens none while it waits to, and none after all have stopped', async () => {
    const { made, open, listen } = connections();
    const stop = listen('a', () => {});
    made[0]?.opening.lost();
    const other = listen('b', () => {});
    expect(open).toHaveBeenCalledTimes(1);
    stop();
    other();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(open).toHaveBeenCalledTimes(1);
  });

  it('takes nothing of a connection that is closed', async () => {
    const { made, open, listen } = connections();
    const heard: string[] = [];
    listen('a', (message) => heard.push(message))();
    listen('a', (message) => heard.push(message));
    made[0]?.opening.ready();
    made[0]?.opening.heard('a', 'saved');
    made[0]?.opening.lost();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(heard).toEqual([]);
    expect(open).toHaveBeenCalledTimes(2);
  });

  it('closes a connection that cannot listen, and opens another one', async () => {
    const { made, open, listen } = connections();
    open.mockImplementationOnce((opening) => {
      const ear = { listen: () => Promise.reject(new Error('no')), unlisten: vi.fn(), close: vi.fn() };
      made.push({ opening, ear: ear as never });
      return ear as never;
    });
    listen('a', () => {});
    made[0]?.opening.ready();
    await settled();
    expect(made[0]?.ear.close).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(251);
    expect(open).toHaveBeenCalledTimes(2);
  });

  it('closes a connection that never says whether it listens, and opens another one', async () => {
    const { made, open, listen } = connections();
    listen('a', () => {});
    made[0]?.ear.listen.mockReturnValueOnce(new Promise(() => {}));
    made[0]?.opening.ready();
    await vi.advanceTimersByTimeAsync(10_001);
    expect(made[0]?.ear.close).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(251);
    expect(open).toHaveBeenCalledTimes(2);
  });

  it('goes on where none can be opened, where one is lost before it is there, and where one is ready at once', async () => {
    const { made, open, listen } = connections();
    const close = vi.fn();
    open.mockImplementationOnce(() => {
      throw new Error('no');
    });
    open.mockImplementationOnce((opening) => {
      opening.lost();
      return { close } as never;
    });
    const begun = vi.fn(async () => {});
    open.mockImplementationOnce((opening) => {
      opening.ready();
      return { listen: begun, close } as never;
    });
    listen('a', () => {});
    await vi.advanceTimersByTimeAsync(251);
    expect(close).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(501);
    expect(begun).toHaveBeenCalledTimes(1);
    expect(made).toHaveLength(0);
  });

  it('tells nobody who stopped while it began to listen', async () => {
    const { made, listen } = connections();
    const heard: string[] = [];
    listen('a', () => {});
    made[0]?.opening.ready();
    await settled();
    const slow = deferred<undefined>();
    made[0]?.ear.listen.mockReturnValueOnce(slow.promise);
    listen('a', (message) => heard.push(message))();
    slow.resolve(undefined);
    await settled();
    expect(heard).toEqual([]);
  });
});

describe('listenersOf', () => {
  it('makes one for each client', () => {
    const make = vi.fn((_: object) => () => () => {});
    const of = listenersOf(make);
    const [one, other] = [{}, {}];
    expect(of(one)).toBe(of(one));
    expect(of(other)).not.toBe(of(one));
    expect(make).toHaveBeenCalledTimes(2);
  });
});
