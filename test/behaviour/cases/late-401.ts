import { outcomeOf } from 'latchkey/fetch';
import { group } from '../group.ts';
import { counted, sendings, signedIn, times } from '../session.ts';

export const late401 = group('late 401', {
  'a refusal of the old token that arrives after the refresh is replayed and refreshes nothing': async (
    t,
  ) => {
    const { realm, authFetch } = await signedIn(t);
    await realm.expire();
    await realm.hold('late');
    const late = authFetch(`${realm.url}/api/late?gate=late`);
    await realm.until({ held: 1 });
    const first = await authFetch(`${realm.url}/api/first`);
    await realm.release('late');
    t.expect.equal([first.status, (await late).status], [200, 200], 'both are answered');
    const { tokens, requests } = await realm.counts();
    t.expect.equal({ tokens, requests }, { tokens: 1, requests: 4 }, 'at the server');
  },

  'four that arrive one after the other refresh nothing either': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    await realm.expire();
    const gates = ['a', 'b', 'c', 'd'];
    for (const gate of gates) await realm.hold(gate);
    const late = gates.map((gate) => authFetch(`${realm.url}/api/${gate}?gate=${gate}`));
    await realm.until({ held: 4 });
    await authFetch(`${realm.url}/api/first`);
    for (const [index, gate] of gates.entries()) {
      await realm.release(gate);
      t.expect.equal((await late[index])?.status, 200, gate);
    }
    t.expect.equal(await counted(realm, 'tokens', 'requests'), { tokens: 1, requests: 10 }, 'at the server');
  },

  'a refusal that is reported by token({ refused }) for the old token gets the new one': async (t) => {
    const { realm, session } = await signedIn(t);
    const old = await session.token();
    const [renewed] = await times(4, () => session.token({ refused: old }));
    const again = await session.token({ refused: old });
    t.expect.equal(again.accessToken, renewed?.accessToken, 'the late one');
    t.expect.ok(again.accessToken !== old.accessToken, 'a new token');
    t.expect.equal(await counted(realm, 'tokens'), { tokens: 1 }, 'at the server');
  },

  'a call that began with one sign-in is never replayed with the next': async (t) => {
    const { realm, authFetch, session } = await signedIn(t);
    await realm.hold('late');
    await realm.expire();
    const late = authFetch(`${realm.url}/api/late?gate=late`);
    await realm.until({ held: 1 });
    await session.signOut();
    await session.signIn(await realm.issue());
    await realm.release('late');
    const response = await late;
    t.expect.equal([response.status, outcomeOf(response)?.reason], [401, 'session-ended'], 'delivered');
    t.expect.equal((await sendings(realm, '/api/late')).length, 1, 'sendings');
    t.expect.equal(await counted(realm, 'tokens'), { tokens: 0 }, 'at the server');
  },
});
