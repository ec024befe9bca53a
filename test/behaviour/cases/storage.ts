import {
  createAuthFetch,
  createSession,
  customStore,
  isAuthError,
  memoryStore,
  outcomeOf,
  refreshEndpoint,
  type TokenInput,
} from 'latchkey/fetch';
import { refreshTokenGrant } from 'latchkey/oauth';
import { asyncStorageStore } from 'latchkey/stores/async-storage';
import type { Tools } from '../case.ts';
import { group } from '../group.ts';
import type { Realm } from '../server.ts';
import { counted, times } from '../session.ts';

/** A context: a page, a process, or an app that was started again. */
function context(t: Tools, realm: Realm, place: string) {
  const store = t.store(place);
  const session = createSession({ refresh: refreshEndpoint(`${realm.url}/refresh`), store });
  const authFetch = createAuthFetch({ baseUrl: realm.url, auth: session });
  const get = async () => (await authFetch(`${realm.url}/api/x`)).status;
  return { store, session, get };
}

let places = 0;
const newPlace = () => `place-${++places}-${Date.now().toString(36)}`;

export const storage = group('storage', {
  'who starts again is signed in, with the same token': async (t) => {
    const realm = await t.server.realm();
    const place = newPlace();
    const first = context(t, realm, place);
    await first.session.signIn(await realm.issue());
    const { accessToken } = await first.session.token();
    await first.session.close();
    const second = context(t, realm, place);
    t.expect.equal((await second.session.ready()).status, 'signed-in', 'the second');
    t.expect.equal((await second.session.token()).accessToken, accessToken, 'its token');
    t.expect.equal(await second.get(), 200, 'a call');
    await second.session.close();
  },

  'renewed tokens are saved before anybody is released': async (t) => {
    const realm = await t.server.realm();
    const place = newPlace();
    const first = context(t, realm, place);
    await first.session.signIn(await realm.issue());
    await realm.expire();
    t.expect.equal(await first.get(), 200, 'a call of the first');
    const second = context(t, realm, place);
    t.expect.equal(await second.get(), 200, 'a call of the second');
    t.expect.equal(await counted(realm, 'tokens', 'reuse'), { tokens: 1, reuse: 0 }, 'at the server');
    for (const { session } of [first, second]) await session.close();
  },

  'what another context has renewed is adopted, not renewed again': async (t) => {
    const realm = await t.server.realm();
    const place = newPlace();
    const [first, second] = [context(t, realm, place), context(t, realm, place)];
    await first.session.signIn(await realm.issue());
    t.expect.equal(await second.get(), 200, 'the second is signed in');
    await realm.expire();
    t.expect.equal([await first.get(), await second.get()], [200, 200], 'calls after the expiry');
    t.expect.equal(await counted(realm, 'tokens', 'reuse'), { tokens: 1, reuse: 0 }, 'at the server');
    for (const { session } of [first, second]) await session.close();
  },

  'of two contexts that are refused at once, one renews': {
    needs: ['exclusive-stores'],
    async run(t) {
      const realm = await t.server.realm();
      const place = newPlace();
      const [first, second] = [context(t, realm, place), context(t, realm, place)];
      t.expect.equal([first.store.exclusive, second.store.exclusive], [true, true], 'the stores');
      await first.session.signIn(await realm.issue());
      await second.get();
      for (let round = 1; round <= 3; round++) {
        await realm.expire();
        const statuses = await Promise.all([...(await times(3, async () => first.get())), second.get()]);
        t.expect.equal(statuses, [200, 200, 200, 200], 'the calls');
        t.expect.equal(await counted(realm, 'tokens', 'reuse'), { tokens: round, reuse: 0 }, 'at the server');
      }
      for (const { session } of [first, second]) await session.close();
    },
  },

  'a sign-out is one for every context that comes later': async (t) => {
    const realm = await t.server.realm();
    const place = newPlace();
    const first = context(t, realm, place);
    await first.session.signIn(await realm.issue());
    await first.session.signOut();
    const second = context(t, realm, place);
    const { status } = await second.session.ready();
    t.expect.equal([status, await second.get()], ['signed-out', 401], 'the second');
    const [call] = await realm.log();
    t.expect.equal(call?.headers['authorization'], undefined, 'without credentials');
    await first.session.signIn(await realm.issue());
    const third = context(t, realm, place);
    t.expect.equal(
      [(await third.session.ready()).status, await third.get()],
      ['signed-in', 200],
      'the third',
    );
    for (const { session } of [first, second, third]) await session.close();
  },

  'texts of every script survive': async (t) => {
    const realm = await t.server.realm();
    const place = newPlace();
    const first = context(t, realm, place);
    const tokens: TokenInput = { accessToken: 'a', refreshToken: 'r', extra: { name: 'Zoë → 🐦 “q”\n' } };
    await first.session.signIn(tokens);
    const record = await t.store(place).load();
    t.expect.equal(record?.tokens?.extra, { name: 'Zoë → 🐦 “q”\n' }, 'what is read');
    await first.session.close();
  },

  'a save compares and sets': async (t) => {
    const store = t.store(newPlace());
    const record = { id: 'one', revision: 1, generation: 1, boundTo: '' };
    t.expect.equal(await store.load(), undefined, 'nothing at first');
    t.expect.equal(await store.save(record, 0), true, 'the first');
    t.expect.equal(await store.save({ ...record, id: 'two' }, 0), false, 'a second over nothing');
    t.expect.equal((await store.load())?.id, 'one', 'what is stored');
    t.expect.equal(await store.save({ ...record, revision: 2 }, 1), true, 'over its revision');
    await store.close?.();
  },

  'a store that cannot be written is never renewed from': async (t) => {
    const realm = await t.server.realm();
    const texts: string[] = [];
    const writable = customStore({ read: () => texts.at(-1), write: (text) => texts.push(text) });
    await createSession({ store: writable }).signIn(await realm.issue());
    await realm.expire();
    const session = createSession({
      refresh: refreshEndpoint(`${realm.url}/refresh`),
      store: customStore({ read: () => texts.at(-1) }),
    });
    const response = await createAuthFetch({ baseUrl: realm.url, auth: session })(`${realm.url}/api/x`);
    t.expect.equal([response.status, outcomeOf(response)?.reason], [401, 'read-only'], 'delivered');
    t.expect.equal(await counted(realm, 'tokens', 'refused'), { tokens: 0, refused: 1 }, 'at the server');
  },

  'a locked keychain is no sign-out': async (t) => {
    const realm = await t.server.realm();
    const items = new Map<string, string>();
    let isLocked = false;
    const unlocked = async <T>(value: T): Promise<T> => {
      await t.sleep(1);
      if (isLocked) throw new Error('locked');
      return value;
    };
    const keychain = {
      getItemAsync: (key: string) => unlocked(items.get(key) ?? null),
      setItemAsync: (key: string, text: string) => unlocked(void items.set(key, text)),
      deleteItemAsync: (key: string) => unlocked(void items.delete(key)),
    };
    const open = () => createSession({ store: asyncStorageStore(keychain, 'session') });
    await open().signIn(await realm.issue());
    isLocked = true;
    const session = open();
    const authFetch = createAuthFetch({ baseUrl: realm.url, auth: session });
    const error = await t.expect.rejects(authFetch(`${realm.url}/api/x`), 'a call meanwhile');
    t.expect.ok(isAuthError(error) && error.code === 'refresh-unavailable', String(error));
    t.expect.equal(await counted(realm, 'requests'), { requests: 0 }, 'nothing is sent without credentials');
    isLocked = false;
    for (let tries = 0; tries < 50 && session.getSnapshot().status !== 'signed-in'; tries++) {
      await session.ready().catch(() => {});
      await t.sleep(100);
    }
    t.expect.equal((await authFetch(`${realm.url}/api/x`)).status, 200, 'a call afterwards');
    await session.close();
  },

  'the record of another client is not used, and not cleared': {
    needs: ['text-decoder'],
    async run(t) {
      const realm = await t.server.realm();
      const store = memoryStore();
      const of = (clientId: string) =>
        createSession({
          refresh: refreshTokenGrant({ tokenEndpoint: `${realm.url}/token`, clientId }),
          store,
        });
      const [mine, theirs] = [of('mine'), of('theirs')];
      await theirs.signIn(await realm.issue());
      t.expect.equal((await mine.ready()).status, 'signed-out', 'mine');
      t.expect.equal((await of('theirs').ready()).status, 'signed-in', 'theirs');
      t.expect.equal(await counted(realm, 'tokens', 'requests'), { tokens: 0, requests: 0 }, 'at the server');
    },
  },
});
