import { describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import type { TokenInput } from '../../src/protocol/token-set.js';
import type { Refresh } from '../../src/session/grant.js';
import { memoryStore } from '../../src/session/memory-store.js';
import { createSession } from '../../src/session/session.js';

const ORIGIN = 'https://api.example.com';

async function setup(tokens: TokenInput, options: { acquire?: () => Promise<TokenInput> } = {}) {
  let time = 1_800_000_000_000;
  const refresh = Object.assign(
    vi.fn(async () => ({ access_token: 'never' })),
    { needsRefreshToken: true },
  );
  const store = memoryStore();
  const turn = vi.spyOn(store, 'turn');
  const session = createSession({ refresh: refresh as Refresh, store, now: () => time, ...options });
  await session.signIn(tokens);
  const sent: (string | undefined)[] = [];
  const fetch = async (_input: unknown, init?: RequestInit) => {
    const value = (init?.headers as Record<string, string> | undefined)?.['Authorization'];
    sent.push(value);
    return new Response('', { status: value === 'Bearer good' ? 200 : 401 });
  };
  const authFetch = createAuthFetch({ baseUrl: ORIGIN, auth: session, fetch });
  return { session, authFetch, sent, refresh, turn, pass: (ms: number) => (time += ms) };
}

describe('createSession: a grant that needs a refresh token where there is none', () => {
  it('is not called; the 401 is delivered', async () => {
    const { authFetch, refresh, turn } = await setup({ accessToken: 'at-0', expiresIn: 300 });
    const response = await authFetch('/a');
    expect(outcomeOf(response)).toMatchObject({ reason: 'no-refresh-token', signInRequired: true });
    expect(refresh).not.toHaveBeenCalled();
    expect(turn).not.toHaveBeenCalled();
  });

  it('has no windows: near its end the token is sent as it is', async () => {
    const { authFetch, sent, turn, pass } = await setup({ accessToken: 'at-0', expiresIn: 300 });
    pass(299_000);
    await authFetch('/a');
    expect(sent).toEqual(['Bearer at-0']);
    expect(turn).not.toHaveBeenCalled();
  });

  it('ends the session as expired at the first 401 after its time', async () => {
    const { session, authFetch, pass } = await setup({ accessToken: 'at-0', expiresIn: 300 });
    pass(301_000);
    expect(outcomeOf(await authFetch('/a'))?.reason).toBe('no-refresh-token');
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'expired' });
  });

  it('gives way to acquire', async () => {
    const acquire = vi.fn(async () => ({ access_token: 'good', expires_in: 300 }));
    const { authFetch, refresh } = await setup({ accessToken: 'at-0', expiresIn: 300 }, { acquire });
    expect((await authFetch('/a')).status).toBe(200);
    expect(acquire).toHaveBeenCalledTimes(1);
    expect(refresh).not.toHaveBeenCalled();
  });
});
