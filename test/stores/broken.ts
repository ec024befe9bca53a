import type { SessionRecord } from '../../src/protocol/record.js';
import { formatRecordText, parseRecordText } from '../../src/protocol/record-border.js';
import { customStore } from '../../src/session/custom-store.js';
import { memoryStore } from '../../src/session/memory-store.js';
import type { TokenStore } from '../../src/session/store.js';
import type { Faults } from './contract/tools.ts';
import { type TextPlace, textFaults, textPlace } from './text-place.ts';

interface Made {
  readonly a: TokenStore;
  readonly b: TokenStore;
  readonly place: TextPlace;
}

/** A store that is wrong in one way, and which case says so. */
interface Broken {
  readonly what: string;
  make(): Promise<Made>;
  readonly faults: Faults<Made>;
  readonly caught: RegExp;
}

const never = () => new Promise<never>(() => {});
const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A memory store with another verb. */
const memory = (what: string, caught: RegExp, wrong: (well: TokenStore) => Partial<TokenStore>): Broken => ({
  what,
  caught,
  faults: {},
  make: async () => {
    const well = memoryStore();
    const store = { ...well, ...wrong(well) };
    return { a: store, b: store, place: textPlace(false) };
  },
});

/** A text store with another verb. */
const text = (
  what: string,
  caught: RegExp,
  wrong: (place: TextPlace, well: TokenStore) => Partial<TokenStore>,
): Broken => ({
  what,
  caught,
  faults: textFaults,
  make: async () => {
    const place = textPlace(true);
    const store = (): TokenStore => {
      const well = customStore(place);
      return { ...well, ...wrong(place, well) };
    };
    return { a: store(), b: store(), place };
  },
});

export const broken: readonly Broken[] = [
  memory('a save that compares nothing', /^saves nothing where another revision/, (well) => ({
    save: async (next) => well.save(next, (await well.load())?.revision ?? 0),
  })),
  memory('a save that compares, waits and then writes', /^lets one of many saves .*: 8 of 8/, (well) => ({
    save: async (next, ifRevision) => {
      if (((await well.load())?.revision ?? 0) !== ifRevision) return false;
      await tick();
      return well.save(next, (await well.load())?.revision ?? 0);
    },
  })),
  memory('a save that answers true and keeps nothing', /^gives every member/, () => ({ save: () => true })),
  memory('a save that takes a lower revision for its own', /^answers false to a save that was/, (well) => ({
    save: (next, ifRevision) =>
      (well.load() as SessionRecord | undefined)?.revision === next.revision || well.save(next, ifRevision),
  })),
  memory('a save that writes in two halves', /^shows whole records only/, (well) => {
    let half: SessionRecord | undefined;
    return {
      load: () => half ?? well.load(),
      save: async (next, ifRevision) => {
        half = { ...next, tokens: { accessToken: next.tokens?.accessToken.slice(1) ?? '' } };
        await new Promise((resolve) => setTimeout(resolve, 5));
        half = undefined;
        return well.save(next, ifRevision);
      },
    };
  }),
  memory('a save that hangs', /^gives every member.*save did not settle/, () => ({ save: never })),
  memory('a load that hangs', /^loads undefined where nothing.*load did not settle/, () => ({ load: never })),
  memory('a record that loses a member', /^gives every member/, (well) => ({
    load: () => {
      const found = well.load() as SessionRecord | undefined;
      return found && { ...found, refusals: undefined };
    },
  })),
  memory('a sign-out that deletes', /^keeps the tombstone/, (well) => ({
    load: async () => {
      const found = await well.load();
      return found?.ended ? undefined : found;
    },
  })),
  memory('a place that clears what is foreign', /^keeps the record of another client/, (well) => ({
    load: async () => {
      const found = await well.load();
      return found?.boundTo.includes('other') ? undefined : found;
    },
  })),
  memory('turns without exclusion', /^gives one holder at a time/, () => ({
    turn: (task) => task(new AbortController().signal),
  })),
  memory('a turn that is not freed when its task fails', /^settles as the task does/, (well) => {
    let stuck = false;
    return {
      turn: async (task, options) => {
        if (stuck) return never();
        return well.turn(task, options).catch((error) => {
          stuck = true;
          throw error;
        });
      },
    };
  }),
  memory('a turn that loses the result', /^settles as the task does.*result/, (well) => ({
    turn: async (task, options) => {
      await well.turn(task, options);
      return undefined as never;
    },
  })),
  memory('a turn that hears no abort', /^ends the wait of one whose signal aborts/, (well) => ({
    turn: (task) => well.turn(task),
  })),
  memory('a turn that gives an aborted signal', /^gives the task a signal/, (well) => ({
    turn: (task, options) => well.turn(() => task(AbortSignal.abort()), options),
  })),
  memory('a save that waits for the turn', /^loads and saves inside a turn/, (well) => ({
    save: (next, ifRevision) => well.turn(async () => well.save(next, ifRevision)),
  })),
  memory('a watch that never fires', /^tells who watches.*watch did not settle/, () => ({
    watch: () => () => {},
  })),
  memory('a watch that cannot be stopped', /^tells who watches.*stopped watching was told/, (well) => ({
    watch: (listener) => {
      well.watch?.(listener);
      return () => {};
    },
  })),
  memory('a watch that one listener stops', /^tells everybody who watches/, (well) => {
    const listeners: (() => void)[] = [];
    return {
      watch: (listener) => {
        if (listeners.push(listener) === 1) {
          well.watch?.(() => {
            for (const tell of listeners) tell();
          });
        }
        return () => {};
      },
    };
  }),
  memory('a close that hangs', /close did not settle/, () => ({ close: never })),
  memory('a store that says nothing of exclusion', /^has the verbs/, () => ({
    exclusive: undefined as never,
  })),
  memory('a read-only store that writes', /it is read-only and saved/, () => ({ readOnly: true })),
  text('a load that takes garbage for nothing', /^refuses garbage.*nobody were signed in/, (place) => ({
    load: async () => parseRecordText((await place.read()) ?? ''),
  })),
  text('a load that reads any JSON', /^refuses a newer version.*read as a record/, (place) => ({
    load: async () => JSON.parse((await place.read()) ?? 'null') ?? undefined,
  })),
  text('an error that tells what is stored', /^refuses garbage.*tells what is stored/, (place) => ({
    load: async () => {
      const found = (await place.read()) ?? '';
      if (found === '') return undefined;
      const record = parseRecordText(found);
      if (record) return record;
      throw Object.assign(new Error(`unreadable: ${found}`), { name: 'UnreadableRecordError' });
    },
  })),
  text('a place that garbage locks for ever', /^lets a sign-in write over/, (_, well) => ({
    save: async (next, ifRevision) => {
      await well.load();
      return well.save(next, ifRevision);
    },
  })),
  text('a load that fails as nobody', /^rejects while the platform fails.*nobody/, (_, well) => ({
    load: async () => {
      try {
        return await well.load();
      } catch (error) {
        if ((error as Error).name === 'UnreadableRecordError') throw error;
        return undefined;
      }
    },
  })),
  text('a save that fails as written', /^rejects while the platform fails.*answered/, (_, well) => ({
    save: async (next, ifRevision) => {
      try {
        return await well.save(next, ifRevision);
      } catch {
        return true;
      }
    },
  })),
  text('a cache that answers for a platform that hangs', /^answers nothing while/, (place) => {
    let kept: string | undefined;
    return {
      load: async () => {
        if (place.state === 'well') kept = await place.read();
        return kept === undefined ? undefined : parseRecordText(kept);
      },
    };
  }),
  {
    what: 'a lost turn that nobody is told of',
    caught: /^tells the holder by its signal/,
    faults: { lose: ({ place }) => place.mend() },
    make: async () => ({ a: memoryStore(), b: memoryStore(), place: textPlace(false) }),
  },
  text('a write that is not the record', /^gives every member/, (place) => ({
    save: async (next) => {
      await place.write(formatRecordText({ ...next, generation: 0 }));
      return true;
    },
  })),
];
