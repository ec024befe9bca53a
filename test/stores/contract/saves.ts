import { check, failureOf, type Plan, pause, record, same } from './tools.ts';

const AT_ONCE = 8;
const BIG = 20;

export const saveCases: readonly Plan[] = [
  {
    name: 'saves nothing where another revision is stored',
    writes: true,
    async run({ a, b, load, save }) {
      check(!(await save(a, record(2), 1)), 'it saved over a revision that was never stored');
      check((await load(b)) === undefined, 'a refused save was stored');
      check(await save(a, record(1), 0), 'the first record was not saved');
      for (const ifRevision of [0, 2])
        check(!(await save(b, record(3), ifRevision)), `it saved over revision ${ifRevision} where 1 is`);
      same(await load(a), record(1), 'what is stored');
      check(await save(b, record(7), 1), 'it did not save over the revision that is stored');
      same(await load(a), record(7), 'what is stored');
    },
  },
  {
    name: 'answers false to a save that was already written, and has it',
    writes: true,
    async run({ a, load, save }) {
      check(await save(a, record(1), 0), 'it was not saved');
      check(!(await save(a, record(1), 0)), 'the same save counted twice');
      same(await load(a), record(1), 'what is stored');
    },
  },
  {
    name: 'lets one of many saves over the same revision win, and stores that one',
    writes: true,
    async run({ a, b, load, save }) {
      for (let revision = 0; revision < 3; revision++) {
        const rivals = Array.from({ length: AT_ONCE }, (_, i) => record(revision + 1, { id: `user-${i}` }));
        // Without exclusion only the saves of one context are compared.
        const saved = await Promise.all(
          rivals.map((rival, i) => save(a.exclusive && i % 2 ? b : a, rival, revision)),
        );
        const winners = rivals.filter((_, i) => saved[i]);
        check(winners.length === 1, `${winners.length} of ${AT_ONCE} saves over the same revision won`);
        same(await load(a), winners[0], 'what is stored');
      }
    },
  },
  {
    name: 'shows whole records only, while others are being saved',
    writes: true,
    async run({ a, b, load, save }) {
      const made = Array.from({ length: BIG }, (_, i) =>
        record(i + 1, {
          tokens: {
            accessToken: String.fromCharCode(97 + i).repeat(300 + i * 10),
            refreshToken: `rt-${i + 1}`,
          },
        }),
      );
      check(await save(a, made[0] as (typeof made)[0], 0), 'it was not saved');
      let busy = true;
      const reading = failureOf(async () => {
        let newest = 1;
        for (let reads = 0; busy || reads < 3; reads++) {
          const found = await load(b);
          check(found !== undefined, 'nothing is stored while a record is being saved');
          same(found, made[found.revision - 1], 'a record read while others are saved');
          check(found.revision >= newest, `revision ${found.revision} came after ${newest}`);
          newest = found.revision;
          await pause(0);
        }
      });
      let failed: Error | undefined;
      try {
        for (const next of made.slice(1))
          check(await save(a, next, next.revision - 1), `revision ${next.revision} was not saved`);
      } finally {
        busy = false;
        failed = await reading;
      }
      if (failed) throw failed;
    },
  },
];
