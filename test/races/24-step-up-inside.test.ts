import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { isForbiddenError } from '../../src/client/errors.js';
import { createAuthClient } from '../../src/client.js';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import type { Refresh, Renewed, StepUp } from '../../src/session/grant.js';
import { createSession } from '../../src/session/session.js';
import { recordOf, shared } from '../support/races-handle.js';
import { flush, pass, raceClock } from '../support/races-tools.js';
import { stateOf } from '../support/races-watch.js';
import { web } from '../support/races-web.js';

const baseUrl = 'https://api.example.com/';
const more = { access_token: 'more-at', refresh_token: 'more-rt' };
const lacking = () =>
  new Response('why', {
    status: 403,
    headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="write"' },
  });

/** /more wants a token that can do more; `inside` is what the function does with the session and its fetch. */
function setup(inside: (of: ReturnType<typeof made>, context: Parameters<StepUp>[1]) => Promise<Renewed>) {
  const of = made((context) => inside(of, context));
  return of;
}

function made(inside: (context: Parameters<StepUp>[1]) => Promise<Renewed>) {
  const { fetch, sendings } = web(({ url, headers }) =>
    url.endsWith('/more') && headers.get('authorization') !== 'Bearer more-at'
      ? lacking()
      : new Response('ok'),
  );
  const place = shared(recordOf());
  const refresh = vi.fn<Refresh>(async () => ({ access_token: 'new-at', refresh_token: 'new-rt' }));
  const stepUp = vi.fn<StepUp>((_, context) => inside(context));
  const session = createSession({ refresh, stepUp, store: place.handle() });
  const authFetch = createAuthFetch({ baseUrl, auth: session, fetch, maxReplayBytes: 0 });
  return { session, authFetch, fetch, sendings, stepUp, refresh, place };
}

describe('createSession: what stepUp does itself', () => {
  raceClock();

  it('sends plain what it sends at once, and with the held token what it sends later', async () => {
    const { authFetch, sendings } = setup(async ({ authFetch }) => {
      await authFetch('/at-once');
      await authFetch('/later');
      return more;
    });
    expect((await authFetch('/more')).status).toBe(200);
    expect(sendings.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer anna-at-1',
      null,
      'Bearer anna-at-1',
      'Bearer more-at',
    ]);
  });

  it.each(['token', 'refresh', 'derive'] as const)(
    'may not ask its own session at once: %s()',
    async (verb) => {
      let thrown: unknown;
      const { authFetch, session } = setup(async ({ session }) => {
        const asked = verb === 'derive' ? session.derive({ scope: 'a' }).token() : session[verb]();
        thrown = await asked.catch((error: unknown) => error);
        return null;
      });
      expect((await authFetch('/more')).status).toBe(403);
      expect(thrown).toBeInstanceOf(TypeError);
      expect(session.getSnapshot().status).toBe('signed-in');
    },
  );

  it('may ask it later: a refresh waits for the turn, and neither waits for the other', async () => {
    const { authFetch, refresh, place } = setup(async ({ session }, { fetch }) => {
      await fetch('https://id.example.com/');
      const { accessToken } = await session.token();
      expect(accessToken).toBe('anna-at-1');
      await session.refresh();
      return { access_token: 'more-at' };
    });
    vi.stubGlobal('fetch', async () => new Response('ok'));
    const call = stateOf(authFetch('/more'));
    await pass(5_000);
    expect(call.value?.status).toBe(200);
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(place.record?.tokens).toMatchObject({ accessToken: 'more-at', refreshToken: 'new-rt' });
  });

  it.each(['at once', 'later'])('may sign out, which ends it: %s', async (when) => {
    const { authFetch, session, place } = setup(async ({ session }) => {
      if (when === 'later') await Promise.resolve();
      await session.signOut();
      return more;
    });
    const response = await authFetch('/more');
    expect(outcomeOf(response)?.reason).toBe('session-ended');
    await flush();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
    expect(JSON.stringify(place.record)).not.toContain('more');
  });

  it('waits for itself where it meets the same refusal, and no longer than ten minutes', async () => {
    const { authFetch } = setup(async ({ authFetch }) => {
      await Promise.resolve();
      await authFetch('/more');
      return more;
    });
    const call = stateOf(authFetch('/more'));
    await pass(600_000);
    expect(call).toMatchObject({ is: 'rejected', error: { code: 'refresh-unavailable' } });
  });

  it('is not asked for a body that can be sent only once: the caller is told what is needed', async () => {
    const { authFetch, stepUp, sendings } = setup(async () => more);
    const body = new Response('too long').body;
    const response = await authFetch('/more', { method: 'POST', body, duplex: 'half' } as RequestInit);
    expect(outcomeOf(response)).toMatchObject({ reason: 'insufficient-scope', sendings: 1 });
    expect(stepUp).toHaveBeenCalledTimes(0);
    expect(sendings).toHaveLength(1);
  });

  it('declines for a client as a ForbiddenError that says what is needed, and ky retries nothing', async () => {
    const { session, fetch, sendings } = setup(async () => null);
    const api = createAuthClient({ baseUrl, auth: session, fetch, retry: { limit: 3, statusCodes: [403] } });
    const error = await api.get('more', { retry: 0 }).catch((thrown: unknown) => thrown);
    expect(isForbiddenError(error) && error.need).toMatchObject({ type: 'scope', scope: ['write'] });
    expect(sendings).toHaveLength(1);
  });

  it('outlives the timeout of the call that began it', async () => {
    let answer = (_: Renewed) => {};
    const { session, fetch, stepUp } = setup(() => new Promise((resolve) => (answer = resolve)));
    const api = createAuthClient({ baseUrl, auth: session, fetch });
    const call = stateOf(api.get('more'));
    await pass(10_000);
    expect(call).toMatchObject({ is: 'rejected', error: { name: 'TimeoutError' } });
    answer(more);
    await flush();
    expect((await api.get('more')).status).toBe(200);
    expect(stepUp).toHaveBeenCalledTimes(1);
  });

  it('shows no token, whatever it throws', async () => {
    const { session, authFetch } = setup(async (_, { held }) => {
      throw Object.assign(new Error(`posted ${held.refreshToken}`), { held, config: { headers: held } });
    });
    const events: unknown[] = [];
    session.on('refresh-failed', (event) => events.push(event));
    const error = await authFetch('/more').catch((thrown: unknown) => thrown);
    const derived = session.derive({ scope: 'write' });
    await derived.token();
    const seen = inspect([error, events, session, derived], { depth: 12, showHidden: true });
    expect(events).toHaveLength(1);
    expect(seen + JSON.stringify([error, events])).not.toMatch(/[ar]t-1|new-[ar]t/);
  });
});
