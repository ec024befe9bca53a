import { check, gate, type Plan, pause, record } from './tools.ts';

export const watchCases: readonly Plan[] = [
  {
    name: 'tells who watches of what another handle saved, until they stop',
    writes: true,
    async run({ a, b, load, save, soon, quietMs, deaf }) {
      if (!b.watch) return;
      let told = gate();
      let calls = 0;
      const stop = b.watch(() => {
        calls++;
        told.open();
      });
      for (let revision = 0; revision < 3; revision++) {
        told = gate();
        check(await save(a, record(revision + 1), revision), 'it was not saved');
        if (!deaf) await soon('watch', () => told.opened);
        check((await load(b))?.revision === revision + 1, 'it told of a save that cannot be read yet');
        await pause(quietMs);
        check(!deaf || calls === 0, 'it is said to tell of no change, and did');
      }
      stop();
      stop();
      calls = 0;
      check(await save(a, record(4), 3), 'it was not saved');
      await pause(quietMs);
      check(calls === 0, 'who stopped watching was told');
    },
  },
  {
    name: 'tells everybody who watches, also where one of them throws',
    writes: true,
    async run({ a, b, save, soon, deaf }) {
      if (!b.watch) return;
      const told = [gate(), gate()] as const;
      const stops = [
        b.watch(() => told[0].open()),
        b.watch(() => {
          throw new Error('a listener failed');
        }),
        b.watch(() => told[1].open()),
      ];
      check(await save(a, record(1), 0), 'a listener kept it from being saved');
      if (!deaf) await soon('watch', () => Promise.all(told.map(({ opened }) => opened)));
      for (const stop of stops) stop();
    },
  },
  {
    name: 'closes in time, twice too, and tells nobody any more',
    writes: true,
    async run({ a, b, save, soon, quietMs }) {
      let calls = 0;
      b.watch?.(() => calls++);
      if (!b.close) return;
      await soon('close', () => b.close?.());
      await soon('close', () => b.close?.());
      calls = 0;
      check(await save(a, record(1), 0), 'closing one handle closed the other');
      await pause(quietMs);
      check(calls === 0, 'a closed store told of a change');
    },
  },
];
