import { check, type Plan, record, same } from './tools.ts';

export const loadCases: readonly Plan[] = [
  {
    name: 'has the verbs, and says whether its turns exclude each other',
    async run({ a }) {
      for (const verb of ['load', 'save', 'turn'] as const)
        check(typeof a[verb] === 'function', `${verb} is no function`);
      for (const verb of ['watch', 'close'] as const)
        check(a[verb] === undefined || typeof a[verb] === 'function', `${verb} is no function`);
      check(typeof a.exclusive === 'boolean', 'exclusive is no boolean');
      check(a.readOnly === undefined || a.readOnly === true, 'readOnly is neither true nor absent');
    },
  },
  {
    name: 'loads undefined where nothing is stored',
    async run({ a, b, load }) {
      for (const store of [a, b]) check((await load(store)) === undefined, 'something is stored');
    },
  },
  {
    name: 'gives every member of a record back, through the other handle too',
    writes: true,
    async run({ a, b, load, save }) {
      const whole = record(1, {
        tokens: {
          accessToken: 'a'.repeat(700),
          tokenType: 'DPoP',
          refreshToken: 'r/+~=',
          expiresAt: 1_800_000_300_000,
          scope: 'openid read',
          idToken: 'e30.e30.',
          extra: { 'instance url': 'https://naïve.example/\u2028"\\', deep: [{ on: true }, null, 0.5] },
        },
        boundTo: 'https://id.example.com|cli',
        mintedAt: 1_800_000_000_000,
        expiresAt: 1_800_000_300_000,
        holderUntil: 1_800_000_030_000,
        notBefore: 1_800_000_060_000,
        refusals: [1_799_999_999_000, 1_800_000_000_000],
      });
      check(await save(a, whole, 0), 'it was not saved');
      for (const store of [a, b]) same(await load(store), whole, 'the record');
    },
  },
  {
    name: 'keeps the record of another client as it is',
    writes: true,
    async run({ a, b, load, save }) {
      const foreign = record(4, { id: 'bob', boundTo: 'https://other.example|tool' });
      check(await save(a, foreign, 0), 'it was not saved');
      for (const store of [b, a, b]) same(await load(store), foreign, 'the foreign record');
      check(!(await save(b, record(1), 0)), 'it was written over as if nothing were there');
      same(await load(a), foreign, 'the foreign record');
    },
  },
  {
    name: 'keeps the tombstone of a sign-out: nothing is deleted',
    writes: true,
    async run({ a, b, load, save }) {
      check(await save(a, record(1), 0), 'it was not saved');
      const ended = { id: 'alice', revision: 2, generation: 1, boundTo: '', ended: 'signed-out' } as const;
      check(await save(b, ended, 1), 'the tombstone was not saved');
      same(await load(a), ended, 'the tombstone');
      check(!(await save(a, record(3), 0)), 'the tombstone counts as nothing');
    },
  },
];
