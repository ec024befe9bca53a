import type { RequestCase } from './requests.ts';
import type { App, AppOptions } from './scene.ts';

const ok = (n: number): readonly number[] => Array<number>(n).fill(200);
const WAITS = { WAIT_UNTIL: 'yes' };

/** Somebody's refresh is held by the server, and its request is over. */
async function leftBehind({ realm, leave }: App): Promise<void> {
  await realm.expire();
  await realm.hold('token');
  await leave({ tokens: 1 });
}

/** `n` requests find the refresh of one that is over; the server answers as soon as another asks. */
async function findIt({ realm, statuses }: App, n: number): Promise<readonly number[]> {
  const calls = statuses(n);
  await realm.until({ tokens: 2 });
  await realm.release('token');
  return calls;
}

const reasons = async ({ told }: App): Promise<readonly unknown[]> =>
  (await told()).events.filter(({ type }) => type === 'refresh-failed').map(({ reason }) => reason);

/** Whatever the worker is set up with. */
const strandsNobody = (how: string, options: AppOptions): RequestCase => ({
  name: `a refresh whose request has been answered strands nobody: one of those who wait refreshes (${how})`,
  async run({ app, expect }) {
    const worker = await app(options);
    await leftBehind(worker);
    expect.equal(await findIt(worker, 20), ok(20), 'every request');
    expect.equal((await worker.realm.counts()).tokens, 2, 'token requests');
    expect.equal(await reasons(worker), ['lost-response'], 'what was told');
  },
});

const handsOver = (how: string, options: AppOptions): RequestCase => ({
  name: `the turn of a store is taken in the request that waited for it, whoever hands it over (${how})`,
  async run({ app, expect }) {
    const { realm, worker } = await app({
      ...options,
      empty: true,
      bindings: { STORE: 'kv', GRANT: 'acquire' },
    });
    await realm.hold('token');
    const first = worker.get('call?n=1');
    await realm.until({ tokens: 1 });
    const { requests } = await realm.counts();
    const second = worker.get('beside?n=2');
    // it has read the store, and waits for the turn to read it again
    await realm.until({ requests: requests + 1 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await realm.release('token');
    expect.equal([(await first).status, (await second).status], [200, 200], 'both sessions');
    expect.equal((await realm.counts()).tokens, 1, 'token requests');
  },
});

export const moduleLevel: readonly RequestCase[] = [
  {
    name: '50 requests that are refused together cause one refresh',
    async run({ app, expect }) {
      const { realm, statuses, begun } = await app({ realm: { rotate: true } });
      await realm.expire();
      await realm.hold('token');
      const calls = statuses(50);
      await begun(50);
      await realm.release('token');
      expect.equal(await calls, ok(50), 'every request');
      const { tokens, reuse } = await realm.counts();
      expect.equal({ tokens, reuse }, { tokens: 1, reuse: 0 }, 'at the server');
    },
  },
  strandsNobody('as it is', {}),
  strandsNobody('with Node', { compatibilityFlags: ['nodejs_compat'] }),
  strandsNobody('as in January 2024', { compatibilityDate: '2024-01-01' }),
  strandsNobody('as in November 2021, without a navigator', {
    compatibilityDate: '2021-11-01',
    compatibilityFlags: ['streams_enable_constructors'],
  }),
  {
    name: 'nor does one whose client has gone away',
    async run({ app, expect }) {
      const worker = await app();
      const { realm, cancel } = worker;
      await realm.expire();
      await realm.hold('token');
      await cancel({ tokens: 1 });
      expect.equal(await findIt(worker, 20), ok(20), 'every request');
      expect.equal((await realm.counts()).tokens, 2, 'token requests');
    },
  },
  {
    name: 'nor do three in a row',
    async run({ app, expect }) {
      const worker = await app();
      const { realm, leave, statuses } = worker;
      await leftBehind(worker);
      await leave({ tokens: 2 });
      const calls = statuses(10);
      await realm.until({ tokens: 3 });
      await realm.release('token');
      expect.equal(await calls, ok(10), 'every request');
      expect.equal((await realm.counts()).tokens, 3, 'token requests');
    },
  },
  {
    name: 'a refresh token that was spent by a request that is over costs the sign-in, and hangs nobody',
    async run({ app, expect }) {
      const worker = await app({ realm: { rotate: true } });
      await leftBehind(worker);
      const answers = await findIt(worker, 10);
      const { tokens, reuse } = await worker.realm.counts();
      expect.equal({ tokens, reuse }, { tokens: 2, reuse: 1 }, 'at the server');
      expect.equal(answers.includes(200), false, 'somebody is answered as if signed in');
      expect.equal(await reasons(worker), ['lost-response', 'rejected'], 'what was told');
    },
  },
  {
    name: 'with waitUntil a refresh outlives its request, and everybody gets what it brings',
    async run({ app, expect }) {
      const worker = await app({ realm: { rotate: true }, bindings: WAITS });
      const { realm, statuses, begun } = worker;
      await leftBehind(worker);
      const calls = statuses(20);
      await begun(21);
      await realm.release('token');
      expect.equal(await calls, ok(20), 'every request');
      const { tokens, reuse } = await realm.counts();
      expect.equal({ tokens, reuse }, { tokens: 1, reuse: 0 }, 'at the server');
    },
  },
  {
    name: 'it is tried by the next request at once, however short requests may wait',
    async run({ app, expect }) {
      const worker = await app({ bindings: { TIMEOUT_MS: '400' } });
      const { realm, worker: at } = worker;
      await leftBehind(worker);
      await realm.release('token');
      let last = 0;
      for (let tries = 0; tries < 20 && last !== 200; tries++) last = (await at.get('call?n=1')).status;
      expect.equal(last, 200, 'one of the next requests');
      expect.equal((await realm.counts()).tokens, 2, 'token requests');
    },
  },
  handsOver('as it is', {}),
  handsOver('as in January 2024', { compatibilityDate: '2024-01-01' }),
  {
    name: 'another session of the store is not kept waiting by a turn whose request is over',
    async run({ app, expect }) {
      const worker = await app();
      await leftBehind(worker);
      const other = worker.worker.get('beside?n=2');
      await worker.realm.until({ tokens: 2 });
      await worker.realm.release('token');
      expect.equal((await other).status, 200, 'the other session');
    },
  },
  {
    name: 'tokens that the first request acquires, and is over before, are acquired by another',
    async run({ app, expect }) {
      const worker = await app({ empty: true, bindings: { GRANT: 'acquire' } });
      await worker.realm.hold('token');
      await worker.leave({ tokens: 1 });
      expect.equal(await findIt(worker, 20), ok(20), 'every request');
      expect.equal((await worker.realm.counts()).tokens, 2, 'token requests');
    },
  },
  {
    name: 'a key-value store that is being read for a request that is over is read again',
    async run({ app, expect }) {
      const { realm, leave, statuses } = await app({
        empty: true,
        bindings: { STORE: 'kv', GRANT: 'acquire' },
      });
      await realm.hold('store');
      await leave({ held: 1 });
      const calls = statuses(10);
      await realm.until({ held: 2 });
      await realm.release('store');
      expect.equal(await calls, ok(10), 'every request');
      expect.equal((await realm.counts()).tokens, 1, 'token requests');
    },
  },
  {
    name: 'an authorization server that is being discovered for a request that is over is discovered again',
    async run({ app, expect }) {
      const { realm, issuer, leave, statuses } = await app({
        empty: true,
        bindings: { GRANT: 'discovered' },
      });
      issuer.hold();
      await realm.hold('open');
      const left = leave({ held: 1 });
      await issuer.until(1);
      const gate = fetch(`${realm.url}/open/x?gate=open`);
      await left;
      const calls = statuses(10);
      await issuer.until(2);
      issuer.release();
      await realm.release('open');
      await gate;
      expect.equal(await calls, ok(10), 'every request');
      expect.equal((await realm.counts()).tokens, 1, 'token requests');
    },
  },
  {
    name: 'a function that is asked for a password by a request that is over is asked again',
    async run({ app, expect }) {
      const { realm, leave, statuses, told } = await app();
      await realm.hold('people');
      await leave({ held: 1 }, 'people');
      const calls = statuses(10, (n) => `people?n=${n}`);
      await realm.until({ held: 2 });
      await realm.release('people');
      expect.equal(await calls, ok(10), 'every request');
      expect.equal((await told()).asked, 2, 'how often it was asked');
    },
  },
  {
    name: 'without waitUntil nothing is refreshed beside a request',
    async run({ app, expect }) {
      const { realm, worker, statuses } = await app();
      await worker.get('later?ms=3550000');
      expect.equal(await statuses(5), ok(5), 'every request');
      await realm.hold('late');
      await realm.release('late');
      expect.equal((await realm.counts()).tokens, 0, 'token requests');
    },
  },
  {
    name: 'with waitUntil it is, and no request waits for it',
    async run({ app, expect }) {
      const { realm, worker, statuses } = await app({ realm: { rotate: true }, bindings: WAITS });
      await worker.get('later?ms=3550000');
      await realm.hold('token');
      expect.equal(await statuses(5), ok(5), 'every request');
      await realm.until({ tokens: 1 });
      await realm.release('token');
      await realm.until({ tokens: 1, held: 0 });
      expect.equal(await statuses(5), ok(5), 'every later one');
      expect.equal((await realm.counts()).tokens, 1, 'token requests');
    },
  },
  {
    name: 'without waitUntil a refused upload that cannot be sent again waits for the refresh, for the next request’s sake',
    async run({ app, expect }) {
      const { realm, worker } = await app({ realm: { rotate: true } });
      await realm.expire();
      expect.equal((await worker.get('upload')).status, 401, 'the upload');
      expect.equal((await realm.counts()).tokens, 1, 'token requests');
      expect.equal((await worker.get('call?n=1')).status, 200, 'the next request');
      expect.equal((await realm.counts()).tokens, 1, 'token requests at last');
    },
  },
  {
    name: 'with waitUntil it is answered at once',
    async run({ app, expect }) {
      const { realm, worker } = await app({ realm: { rotate: true }, bindings: WAITS });
      await realm.expire();
      await realm.hold('token');
      expect.equal((await worker.get('upload')).status, 401, 'the upload');
      await realm.release('token');
      expect.equal((await worker.get('call?n=1')).status, 200, 'the next request');
      expect.equal((await realm.counts()).tokens, 1, 'token requests');
    },
  },
  {
    name: 'who signs out while another request refreshes is not held up by it, and ends it',
    async run({ app, expect }) {
      const { realm, worker } = await app({ realm: { rotate: true } });
      await realm.expire();
      await realm.hold('token');
      const call = worker.get('call?n=1');
      await realm.until({ tokens: 1 });
      expect.equal((await worker.get('sign-out')).status, 200, 'the sign-out');
      expect.equal((await call).status, 401, 'the call');
      await realm.release('token');
    },
  },
];
