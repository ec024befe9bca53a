import { describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import type { Refresh } from '../../src/session/grant.js';
import { createSession } from '../../src/session/session.js';
import { recordOf, shared } from '../support/races-handle.js';
import { pass, raceClock } from '../support/races-tools.js';
import { stateOf } from '../support/races-watch.js';
import { web } from '../support/races-web.js';

const files = { resource: 'https://files.example.com/' };

function setup(answer: (n: number) => Awaited<ReturnType<Refresh>>, takes: (token: string) => boolean) {
  const { fetch, sendings } = web(({ headers }) =>
    takes(headers.get('authorization') ?? '') ? new Response('ok') : new Response('', { status: 401 }),
  );
  let n = 0;
  const refresh = vi.fn<Refresh>(async () => answer(++n));
  const session = createSession({ refresh, store: shared(recordOf()).handle() });
  const authFetch = createAuthFetch({ baseUrl: files.resource, auth: session.derive(files), fetch });
  return { session, authFetch, refresh, sendings };
}

describe('Session.derive, refused or failing for ever', () => {
  raceClock();

  it('costs one token request for 100 callers with a dead refresh token, and the next 100 none', async () => {
    const dead = () => Response.json({ error: 'invalid_grant' }, { status: 400 });
    const { authFetch, refresh, session } = setup(dead, () => false);
    const hundred = () => Promise.allSettled(Array.from({ length: 100 }, () => authFetch('/a')));
    const first = await hundred();
    expect(first.every(({ status }) => status === 'rejected')).toBe(true);
    await hundred();
    await pass(3_600_000);
    await hundred();
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
  });

  it('begins at most five token requests a minute where the resource refuses all, and sends each call twice', async () => {
    const fresh = (n: number) => ({ access_token: `at-${n}`, refresh_token: `rt-${n}`, expires_in: 300 });
    const { authFetch, refresh, sendings } = setup(fresh, () => false);
    for (let second = 0; second < 120; second++) {
      stateOf(authFetch('/a'));
      await pass(1_000);
    }
    // the first is no refusal's
    expect(refresh.mock.calls.length).toBeLessThanOrEqual(1 + 2 * 5);
    expect(sendings.length).toBeLessThanOrEqual(120 * 2);
  });

  it.each([0, 2, 5, 60])('asks for no token a request where one lasts %i s', async (life) => {
    const fresh = (n: number) => ({ access_token: `at-${n}`, refresh_token: `rt-${n}`, expires_in: life });
    const { authFetch, refresh } = setup(fresh, () => true);
    for (let n = 0; n < 600; n++) {
      stateOf(authFetch('/a'));
      await pass(100);
    }
    // by the soft window a fifth of the life is left
    const most = life === 0 ? 1 : 1 + Math.ceil(60 / (life * 0.8));
    expect(refresh.mock.calls.length).toBeLessThanOrEqual(most);
  });

  it('asks a token endpoint that is down no more than the session itself would, and signs nobody out', async () => {
    const { authFetch, refresh, session } = setup(
      () => new Response(null, { status: 503 }),
      () => true,
    );
    for (let second = 0; second < 120; second++) {
      stateOf(authFetch('/a'));
      await pass(1_000);
    }
    expect(refresh.mock.calls.length).toBeLessThanOrEqual(3 * 8);
    expect(session.getSnapshot().status).toBe('signed-in');
  });
});
