import { createAuthClient, createSession, refreshEndpoint } from 'latchkey';
import AppState from 'react-native/Libraries/AppState/AppState';
import type { NativeCase, NativeTools } from '../native.ts';

const group = 'onResume with AppState';

/** As README has it. */
async function app(t: NativeTools) {
  const realm = await t.server.realm();
  let now = Date.now();
  const session = createSession({
    refresh: refreshEndpoint(`${realm.url}/refresh`),
    now: () => now,
    onResume: (resume) => {
      const subscription = AppState.addEventListener('change', (state) => {
        if (state === 'active') resume();
      });
      return () => subscription.remove();
    },
  });
  await session.signIn(await realm.issue());
  const sleepFor = (ms: number) => {
    t.native.move('background');
    now += ms;
    t.native.move('active');
  };
  return { realm, session, sleepFor };
}

export const foreground: readonly NativeCase[] = [
  {
    group,
    name: 'renews what ran out while the app was away, before anything is sent',
    async run(t) {
      const { realm, session, sleepFor } = await app(t);
      sleepFor(2 * 3_600_000);
      await realm.until({ tokens: 1 });
      const api = createAuthClient({ baseUrl: `${realm.url}/`, auth: session });
      t.expect.equal((await api.get('api/a')).status, 200, 'the next call');
      const { tokens, refused } = await realm.counts();
      t.expect.equal([tokens, refused], [1, 0], 'token requests, refusals');
      await session.close();
    },
  },
  {
    group,
    name: 'asks for nothing while the token is still good, and nothing after close()',
    async run(t) {
      const { realm, session, sleepFor } = await app(t);
      sleepFor(60_000);
      await t.sleep(50);
      t.expect.equal((await realm.counts()).tokens, 0, 'token requests with a good token');
      await session.close();
      sleepFor(2 * 3_600_000);
      await t.sleep(50);
      t.expect.equal((await realm.counts()).tokens, 0, 'token requests after close()');
    },
  },
];
