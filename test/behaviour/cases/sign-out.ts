import {
  createAuthFetch,
  createSession,
  isAuthError,
  isSignInRequired,
  outcomeOf,
  refreshEndpoint,
} from 'latchkey/fetch';
import { revocation } from 'latchkey/oauth';
import { group } from '../group.ts';
import { counted, refusedNext, sendings, signedIn, times } from '../session.ts';

export const signOut = group('sign-out', {
  'ends the session at once: who waits for a refresh is told, and what it brings is thrown away': {
    needs: ['text-decoder'],
    async run(t) {
      const realm = await t.server.realm();
      const session = createSession({
        refresh: refreshEndpoint(`${realm.url}/refresh`),
        revoke: revocation({
          tokenEndpoint: `${realm.url}/token`,
          revocationEndpoint: `${realm.url}/revoke`,
          clientId: 'app',
        }),
      });
      await session.signIn(await realm.issue());
      await realm.expire();
      const authFetch = createAuthFetch({ baseUrl: realm.url, auth: session });
      await realm.hold('token');
      const waiting = times(3, (n) => authFetch(`${realm.url}/api/${n}`));
      await realm.until({ refused: 3, held: 1 });
      const left = session.signOut();
      t.expect.equal(session.getSnapshot().status, 'signed-out', 'at once');
      await left;
      const responses = await waiting;
      t.expect.equal(
        responses.map((response) => [response.status, outcomeOf(response)?.reason]),
        Array(3).fill([401, 'session-ended']),
        'who waited',
      );
      await realm.release('token');
      // the tokens that it replaced, and those that came too late
      await realm.until({ revocations: 2 });
      t.expect.equal(session.getSnapshot().status, 'signed-out', 'afterwards');
      t.expect.equal((await authFetch(`${realm.url}/api/later`)).status, 401, 'a later call');
      const [later] = await sendings(realm, '/api/later');
      t.expect.equal(later?.headers['authorization'], undefined, 'without credentials');
      t.expect.equal(await counted(realm, 'tokens'), { tokens: 1 }, 'at the server');
    },
  },

  'a call that was never sent gets a SignedOutError': async (t) => {
    const { realm, authFetch, session } = await refusedNext(t);
    await realm.hold('token');
    const first = authFetch(`${realm.url}/api/first`);
    await realm.until({ held: 1 });
    const unsent = t.expect.rejects(authFetch(`${realm.url}/api/unsent`), 'the unsent call');
    await t.sleep(10);
    await session.signOut();
    const error = await unsent;
    t.expect.ok(isAuthError(error) && error.code === 'signed-out' && isSignInRequired(error), String(error));
    t.expect.equal((await first).status, 401, 'the one that was sent');
    await realm.release('token');
    t.expect.equal(await sendings(realm, '/api/unsent'), [], 'at the server');
  },

  'whose refresh is still under way does not take the next user’s session': async (t) => {
    const { realm, authFetch, session } = await refusedNext(t);
    await realm.hold('token');
    const old = authFetch(`${realm.url}/api/old`);
    await realm.until({ held: 1 });
    await session.signOut();
    await session.signIn(await realm.issue());
    const { accessToken } = await session.token();
    await realm.release('token');
    await old;
    await t.sleep(50);
    t.expect.equal((await session.token()).accessToken, accessToken, 'the token of the next user');
    t.expect.equal((await authFetch(`${realm.url}/api/new`)).status, 200, 'a call of the next user');
  },

  'tells subscribers, and a snapshot is the same object until something changes': async (t) => {
    const { session } = await signedIn(t);
    const seen: string[] = [];
    const stop = session.subscribe(() => seen.push(session.getSnapshot().status));
    const first = session.getSnapshot();
    t.expect.ok(first === session.getSnapshot(), 'one object');
    await session.signOut();
    stop();
    t.expect.ok(seen.includes('signed-out'), `told: ${seen}`);
    const snapshot = session.getSnapshot();
    t.expect.equal('cause' in snapshot && snapshot.cause, 'user', 'the cause');
  },

  'of a token that only the server ended is found by its refusal, and says why': async (t) => {
    const { realm, authFetch, session } = await signedIn(t);
    const ended = new Promise<string>((resolve) => {
      session.on('signed-out', ({ cause }) => resolve(cause));
    });
    await realm.end();
    const response = await authFetch(`${realm.url}/api/x`);
    t.expect.equal([response.status, outcomeOf(response)?.signInRequired], [401, true], 'delivered');
    t.expect.equal(await ended, 'rejected', 'the cause');
  },
});
