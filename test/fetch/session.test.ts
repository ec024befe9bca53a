import { describe, expect, it } from 'vitest';
import { RefreshUnavailableError } from '../../src/errors.js';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { createSession } from '../../src/session/session.js';
import { deferred, ORIGIN, refuse, stubFetch } from './support.js';

const URL_ = `${ORIGIN}/x`;

describe('createAuthFetch over a real session', () => {
  it('replays everybody after one refresh', async () => {
    let refreshes = 0;
    const session = createSession({
      refresh: async ({ held }) => {
        refreshes++;
        return { access_token: `${held.accessToken}+`, refresh_token: 'r2' };
      },
    });
    await session.signIn({ access_token: 'a', refresh_token: 'r1' });
    const stub = stubFetch(({ authorization }) =>
      authorization === 'Bearer a+' ? new Response('ok') : refuse(),
    );
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: session, fetch: stub.fetch });
    const answers = await Promise.all(Array.from({ length: 200 }, () => authFetch(URL_)));
    expect(answers.every((response) => response.status === 200)).toBe(true);
    expect([refreshes, stub.seen.length]).toEqual([1, 400]);
    await session.close();
  });

  it('throws what made the refresh fail, to everybody, and nobody is signed out', async () => {
    const session = createSession({ refresh: async () => new Response(null, { status: 400 }) });
    await session.signIn({ access_token: 'a', refresh_token: 'r1' });
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: session, fetch: async () => refuse() });
    const [one, two] = await Promise.allSettled([authFetch(URL_), authFetch(URL_)]);
    expect([one?.status, two?.status]).toEqual(['rejected', 'rejected']);
    expect(session.getSnapshot().status).toBe('signed-in');
    await session.close();
  });

  it('delivers as signed-out what nobody can answer', async () => {
    const session = createSession();
    await session.ready();
    const authFetch = createAuthFetch({
      origins: ORIGIN,
      auth: session,
      fetch: async () => refuse('Bearer'),
    });
    expect(outcomeOf(await authFetch(URL_))).toMatchObject({ reason: 'signed-out', signInRequired: true });
    await session.close();
  });

  it('never replays as another user what the first began', async () => {
    const session = createSession({ refresh: async () => ({ access_token: 'b2' }) });
    await session.signIn({ access_token: 'a', refresh_token: 'r1' });
    const first = deferred<Response>();
    const stub = stubFetch(({ authorization }) =>
      authorization === 'Bearer a' ? first.promise : new Response(),
    );
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: session, fetch: stub.fetch });
    const call = authFetch(URL_);
    await expect.poll(() => stub.seen.length).toBe(1);
    await session.signOut({ revoke: false });
    await session.signIn({ access_token: 'b', refresh_token: 'r2' });
    first.resolve(refuse());
    expect(outcomeOf(await call)).toMatchObject({ reason: 'session-ended', sendings: 1 });
    expect(stub.seen).toHaveLength(1);
    await session.close();
  });

  it('keeps the session when the refresh is unavailable', async () => {
    const session = createSession({
      refresh: async () => {
        throw new RefreshUnavailableError();
      },
    });
    await session.signIn({ access_token: 'a', refresh_token: 'r1' });
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: session, fetch: async () => refuse() });
    await expect(authFetch(URL_)).rejects.toBeInstanceOf(RefreshUnavailableError);
    expect(session.getSnapshot().status).toBe('signed-in');
    await session.close();
  });
});
