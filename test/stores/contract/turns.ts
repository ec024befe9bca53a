import { check, failureOf, gate, type Plan, pause, record, same } from './tools.ts';

const ROUNDS = 6;

export const turnCases: readonly Plan[] = [
  {
    name: 'gives one holder at a time the turn',
    async run({ a, b, soon, quietMs }) {
      // Without exclusion that holds in one context.
      const other = a.exclusive ? b : a;
      const [inside, done] = [gate(), gate()];
      const log: string[] = [];
      const first = a.turn(async () => {
        log.push('first');
        inside.open();
        await done.opened;
        log.push('first ends');
      });
      await soon('turn', () => inside.opened);
      const second = other.turn(async () => void log.push('second'));
      await pause(quietMs);
      same(log, ['first'], 'who has the turn');
      done.open();
      await soon('turn', () => first);
      await soon('the next turn', () => second);
      same(log, ['first', 'first ends', 'second'], 'the turns');
    },
  },
  {
    name: 'loses no update that is made in turns',
    writes: true,
    async run({ a, b, load, save, soon }) {
      let inside = 0;
      const step = (store: typeof a) => () =>
        store.turn(async () => {
          check(++inside === 1, 'two have the turn');
          const revision = (await load(store))?.revision ?? 0;
          await pause(1);
          check(await save(store, record(revision + 1), revision), 'a save in the turn was refused');
          inside--;
        });
      const stores = Array.from({ length: ROUNDS }, (_, i) => (a.exclusive && i % 2 ? b : a));
      await Promise.all(stores.map((store) => soon('turn', step(store))));
      check((await load(b))?.revision === ROUNDS, 'an update is lost');
    },
  },
  {
    name: 'runs the turns of other handles too, whether or not they exclude each other',
    async run({ a, b, soon }) {
      const ran: string[] = [];
      const turns = [a, b, a, b].map((store, i) =>
        soon('turn', () => store.turn(async () => ran.push(`${i}`))),
      );
      await Promise.all(turns);
      same(ran.sort(), ['0', '1', '2', '3'], 'the turns that ran');
    },
  },
  {
    name: 'settles as the task does, and frees the turn',
    async run({ a, b, soon }) {
      check((await soon('turn', () => a.turn(async () => 'mine'))) === 'mine', 'the result is lost');
      const failed = await failureOf(() =>
        soon('turn', () => a.turn(() => Promise.reject(new Error('task failed')))),
      );
      check(failed?.message === 'task failed', `a failed task gave ${String(failed)}`);
      check((await soon('turn', () => b.turn(async () => 'next'))) === 'next', 'the turn is not free');
    },
  },
  {
    name: 'gives the task a signal that is not aborted while it has the turn',
    async run({ a, soon }) {
      const seen = await soon('turn', () =>
        a.turn(async (signal) => {
          const before = signal.aborted;
          await pause(5);
          return [before, signal.aborted, typeof signal.addEventListener];
        }),
      );
      same(seen, [false, false, 'function'], 'the signal');
    },
  },
  {
    name: 'ends the wait of one whose signal aborts, and only that',
    async run({ a, b, soon }) {
      const other = a.exclusive ? b : a;
      const [inside, done] = [gate(), gate()];
      const first = a.turn(async () => {
        inside.open();
        await done.opened;
        return 'first';
      });
      await soon('turn', () => inside.opened);
      const waiting = new AbortController();
      let ran = false;
      const task = async () => {
        ran = true;
      };
      const second = failureOf(() => other.turn(task, { signal: waiting.signal }));
      const third = other.turn(async () => 'third');
      await pause(5);
      waiting.abort(new Error('gave up'));
      check((await soon('an aborted wait', () => second)) !== undefined, 'an aborted wait did not fail');
      done.open();
      check((await soon('turn', () => first)) === 'first', 'the holder was disturbed');
      check((await soon('the next turn', () => third)) === 'third', 'the next was disturbed');
      check(!ran, 'the task of an aborted wait ran');
    },
  },
  {
    name: 'refuses one whose signal is aborted already',
    async run({ a, soon }) {
      let ran = false;
      const task = async () => {
        ran = true;
      };
      const failed = await failureOf(() =>
        soon('an aborted wait', () => a.turn(task, { signal: AbortSignal.abort(new Error('gave up')) })),
      );
      check(failed !== undefined && !ran, 'an aborted turn began');
      check((await soon('turn', () => a.turn(async () => 'next'))) === 'next', 'the turn is not free');
    },
  },
  {
    name: 'loads and saves inside a turn and beside it',
    writes: true,
    async run({ a, b, load, save, soon }) {
      await soon('turn', () =>
        a.turn(async () => {
          check(await save(a, record(1), 0), 'the holder cannot save');
          check(await save(b, record(2), 1), 'nobody else can save: a sign-out must not wait for a turn');
          same(await load(a), record(2), 'what is stored');
        }),
      );
    },
  },
];
