import type { SessionRecord } from '../../../src/protocol/record.js';
import { check, failureOf, gate, type Place, type Plan, pause, record, same } from './tools.ts';

const SECRET = 'rt-nobody-may-read-this';
const whole = JSON.stringify({
  v: 1,
  ...record(1, { tokens: { accessToken: 'at-1', refreshToken: SECRET } }),
});

/** Texts that are no record of this version, and what is wrong with them. */
const hostile: Readonly<Record<string, string>> = {
  garbage: `\u0000${SECRET}`,
  'a truncated record': whole.slice(0, -30),
  'a record with something after it': `${whole}}`,
  'a newer version': whole.replace('"v":1', '"v":2'),
  'no version': whole.replace('"v":1,', ''),
  'another shape': JSON.stringify([SECRET]),
  'a bare token': JSON.stringify(SECRET),
  'a revision that is text': whole.replace('"revision":1', '"revision":"1"'),
  'a token that is a number': whole.replace('"at-1"', '7'),
  'a token that could split a header': whole.replace('"at-1"', '"at\\r\\nX-Evil: 1"'),
  null: 'null',
};

export const faultCases: readonly Plan[] = [
  ...Object.entries(hostile).map(
    ([what, text]): Plan => ({
      name: `refuses ${what}: a typed error, without its text`,
      needs: 'put',
      async run({ a, b, faults, soon }) {
        await faults.put(text);
        for (const store of [a, b]) {
          const failed = await failureOf(async () => {
            const found = await soon('load', () => store.load());
            check(found !== undefined, 'it reads as if nobody were signed in');
            throw new Error('it was read as a record');
          });
          check(
            failed?.name === 'UnreadableRecordError',
            `it failed with ${failed?.name}: ${failed?.message}`,
          );
          const told = `${failed.message}${failed.stack}${JSON.stringify(failed)}${String(failed.cause)}`;
          check(!told.includes(SECRET), 'the error tells what is stored');
        }
      },
    }),
  ),
  {
    name: 'lets a sign-in write over what cannot be read',
    needs: 'put',
    writes: true,
    async run({ a, b, faults, load, save }) {
      await faults.put(hostile['garbage'] ?? '');
      check(!(await save(a, record(2), 1)), 'something unreadable counts as a revision');
      check(await save(a, record(1), 0), 'it cannot be written over');
      same(await load(b), record(1), 'what is stored');
    },
  },
  {
    name: 'rejects while the platform fails, and goes on when it does not',
    needs: 'fail',
    writes: true,
    async run(place) {
      const { a, b, faults, load, save, soon } = place;
      check(await save(a, record(1), 0), 'it was not saved');
      const mend = await faults.fail();
      const loaded = await failureOf(() => load(a));
      const saved = await failureOf(() => save(a, record(2), 1));
      const ran = await failureOf(() => soon('turn', () => a.turn(async () => {})));
      await mend();
      check(loaded !== undefined, 'a load that failed answered: nobody is signed in');
      check(saved !== undefined, 'a save that failed answered');
      for (const failed of [loaded, saved, ran]) check(!isLate(failed), `it hangs: ${failed?.message}`);
      same(await load(b), record(1), 'what is stored');
      check(await save(b, record(2), 1), 'it does not go on');
      await goesOn(place, record(2));
    },
  },
  {
    name: 'answers nothing while the platform hangs, and goes on when it answers',
    needs: 'hang',
    writes: true,
    async run(place) {
      const { a, faults, save, load, quietMs } = place;
      check(await save(a, record(1), 0), 'it was not saved');
      const release = await faults.hang();
      const answers: unknown[] = [];
      const note = (answer: unknown) => void answers.push(answer);
      const loading = Promise.resolve(a.load()).then(note, note);
      const saving = Promise.resolve(a.save(record(2), 1)).then(note, note);
      await pause(quietMs);
      const early = [...answers];
      await release();
      check(early.length === 0, `it answered without the platform: ${JSON.stringify(early)}`);
      await place.soon('what hung', () => Promise.all([loading, saving]));
      await goesOn(place, (await load(a)) as SessionRecord);
    },
  },
  {
    name: 'tells the holder by its signal that the turn is lost, and lets the loser end nobody else’s',
    needs: 'lose',
    async run({ a, b, faults, soon, quietMs }) {
      const [inside, ended, next, done] = [gate(), gate(), gate(), gate()];
      const lost = gate();
      const first = a.turn(async (signal) => {
        signal.addEventListener('abort', () => lost.open());
        inside.open();
        await ended.opened;
      });
      await soon('turn', () => inside.opened);
      await faults.lose();
      await soon('the signal of a lost turn', () => lost.opened);
      const second = b.turn(async () => {
        next.open();
        await done.opened;
      });
      await soon('the turn after a lost one', () => next.opened);
      ended.open();
      await soon('a lost turn', () => failureOf(() => first));
      let third = false;
      const last = a.turn(async () => {
        third = true;
      });
      await pause(quietMs);
      check(!third, 'who lost the turn ended that of another');
      done.open();
      await soon('turn', () => second);
      await soon('turn', () => last);
    },
  },
];

const isLate = (error: Error | undefined) => error?.message.includes('did not settle') ?? false;

async function goesOn({ a, b, load, save, soon }: Place, stored: SessionRecord): Promise<void> {
  same(await load(b), stored, 'what is stored');
  check(await save(a, record(stored.revision + 1), stored.revision), 'it does not save any more');
  check((await soon('turn', () => a.turn(async () => 'ran'))) === 'ran', 'it gives no turn any more');
}
