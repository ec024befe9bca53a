import { createSession, refreshEndpoint } from 'latchkey';
import { createAuthFetch } from 'latchkey/fetch';
import type { NativeCase } from '../native.ts';
import { signedInClient } from './signed-in.ts';

const group = 'what is lost in React Native';

export const lost: readonly NativeCase[] = [
  {
    group,
    name: 'the reason of an abort: a call that was sent rejects with an AbortError',
    async run(t) {
      const { realm, api } = await signedInClient(t);
      const controller = new AbortController();
      await realm.hold('g');
      const call = api.fetch('api/x?gate=g', { signal: controller.signal });
      await realm.until({ held: 1 });
      controller.abort(new Error('why'));
      t.expect.equal((await t.expect.rejects(call, 'the call')).name, 'AbortError', 'the error');
      await realm.release('g');
    },
  },
  {
    group,
    name: 'not the abort itself: who waits for a refresh is freed, and the refresh goes on',
    async run(t) {
      const { realm, session, api } = await signedInClient(t);
      await realm.expire();
      await realm.hold('token');
      const controller = new AbortController();
      const call = api.fetch('api/x', { signal: controller.signal });
      const other = api.fetch('api/y');
      await realm.until({ held: 1 });
      controller.abort();
      t.expect.equal((await t.expect.rejects(call, 'the call')).name, 'AbortError', 'the error');
      await realm.release('token');
      t.expect.equal((await other).status, 200, 'the other call');
      t.expect.equal(session.getSnapshot().status, 'signed-in', 'the session');
      t.expect.equal((await realm.counts()).tokens, 1, 'token requests');
    },
  },
  {
    group,
    name: 'a stream: a response cannot be read in part, and is there whole',
    async run(t) {
      const { api } = await signedInClient(t);
      const response = await api.fetch('api/x');
      t.expect.equal([response.body, (await response.text()).length > 0], [undefined, true], 'the response');
    },
  },
  {
    group,
    name: 'no 401: one that is delivered can be read, also after a refresh came to nothing',
    async run(t) {
      const realm = await t.server.realm();
      const session = createSession({ refresh: refreshEndpoint(`${realm.url}/refresh`) });
      await session.signIn(await realm.issue());
      await realm.end();
      const authFetch = createAuthFetch({ baseUrl: `${realm.url}/`, auth: session });
      const response = await authFetch('api/x');
      t.expect.equal([response.status, response.url], [401, `${realm.url}/api/x`], 'the response');
      t.expect.equal(await response.json(), { error: 'refused' }, 'its body');
      t.expect.equal(session.getSnapshot().status, 'signed-out', 'the session');
    },
  },
];
