import { createAuthClient, createSession, isSignInRequired, refreshEndpoint } from 'latchkey';
import { asyncStorageStore, type KeyValueStorage } from 'latchkey/stores/async-storage';
import type { NativeCase, NativeTools } from '../native.ts';
import { fakeAsyncStorage, fakeSecureStore } from '../storage.ts';

const group = 'asyncStorageStore';

const kinds: readonly [string, (kept: Map<string, string>) => KeyValueStorage][] = [
  ['AsyncStorage', fakeAsyncStorage],
  ['SecureStore', fakeSecureStore],
];

async function restart(t: NativeTools, storageOf: (kept: Map<string, string>) => KeyValueStorage) {
  const realm = await t.server.realm();
  const kept = new Map<string, string>();
  // each start of the app has its own session over the same storage
  const start = () => {
    const session = createSession({
      refresh: refreshEndpoint(`${realm.url}/refresh`),
      store: asyncStorageStore(storageOf(kept), 'session'),
    });
    return { session, api: createAuthClient({ baseUrl: `${realm.url}/`, auth: session }) };
  };
  return { realm, kept, start };
}

export const storage: readonly NativeCase[] = kinds.flatMap(([kind, storageOf]) => [
  {
    group,
    name: `keeps a session and its rotated tokens over starts of the app, in ${kind}`,
    async run(t) {
      const { realm, kept, start } = await restart(t, storageOf);
      await start().session.signIn(await realm.issue());
      t.expect.equal([...kept.keys()], ['session'], 'the keys');

      const second = start();
      t.expect.equal((await second.session.ready()).status, 'signed-in', 'after a start');
      await realm.expire();
      t.expect.equal((await second.api.get('api/a')).status, 200, 'a call that refreshes');

      const third = start();
      await realm.expire();
      t.expect.equal((await third.api.get('api/b')).status, 200, 'with the rotated refresh token');
      const { tokens, reuse } = await realm.counts();
      t.expect.equal([tokens, reuse], [2, 0], 'token requests, refresh tokens used twice');
    },
  },
  {
    group,
    name: `remembers a sign-out, in ${kind}`,
    async run(t) {
      const { realm, start } = await restart(t, storageOf);
      const first = start();
      await first.session.signIn(await realm.issue());
      await first.session.signOut();
      const { session, api } = start();
      t.expect.equal((await session.ready()).status, 'signed-out', 'after a start');
      const error = await t.expect.rejects(api.get('api/a').text(), 'a call');
      t.expect.equal(isSignInRequired(error), true, 'whether it asks for a sign-in');
    },
  },
]);
