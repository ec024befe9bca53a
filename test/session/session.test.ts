import { describe, expect, it, vi } from 'vitest';
import { sessionCore } from '../../src/protocol/session-core.js';
import { memoryStore } from '../../src/session/memory-store.js';
import { createSession } from '../../src/session/session.js';

const tokens = (n: number) => ({ access_token: `at-${n}`, refresh_token: `rt-${n}`, expires_in: 300 });

function rotating() {
  let n = 0;
  return vi.fn(async () => tokens(++n));
}

describe('createSession', () => {
  it('gives the token it was signed in with', async () => {
    const session = createSession({ refresh: rotating() });
    await session.signIn(tokens(0));
    expect((await session.token()).accessToken).toBe('at-0');
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-in', refreshing: false });
  });

  it('refreshes once for everybody whose token was refused', async () => {
    const refresh = rotating();
    const session = createSession({ refresh });
    await session.signIn(tokens(0));
    const refused = await session.token();
    const all = await Promise.all(Array.from({ length: 100 }, () => session.token({ refused })));
    expect(new Set(all.map((token) => token.accessToken))).toEqual(new Set(['at-1']));
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('refreshes nothing for a late refusal', async () => {
    const refresh = rotating();
    const session = createSession({ refresh });
    await session.signIn(tokens(0));
    const refused = await session.token();
    await session.token({ refused });
    expect((await session.token({ refused })).accessToken).toBe('at-1');
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('lends its functions a fetch that can be called as a method: browsers and workerd refuse that of theirs', async () => {
    vi.stubGlobal('fetch', async function (this: unknown) {
      if (this !== undefined && this !== globalThis) throw new TypeError('Illegal invocation');
      return Response.json(tokens(1));
    });
    const session = createSession({ refresh: (context) => context.fetch('https://api.example.com/refresh') });
    await session.signIn(tokens(0));
    expect((await session.refresh()).accessToken).toBe('at-1');
    vi.unstubAllGlobals();
  });

  it('is over when the refresh is rejected', async () => {
    const session = createSession({ refresh: async () => null });
    const causes: string[] = [];
    session.on('signed-out', ({ cause }) => causes.push(cause));
    await session.signIn(tokens(0));
    const refused = await session.token();
    await expect(session.token({ refused })).rejects.toMatchObject({ code: 'refresh-rejected' });
    expect(causes).toEqual(['rejected']);
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
  });

  it('signs out here at once and revokes what the store held', async () => {
    const revoke = vi.fn(async () => {});
    const session = createSession({ refresh: rotating(), revoke });
    await session.signIn(tokens(0));
    const leaving = session.signOut();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
    await leaving;
    expect(revoke).toHaveBeenCalledTimes(1);
    expect(revoke.mock.calls[0]).toMatchObject([{ held: { refreshToken: 'rt-0' } }]);
    await expect(session.token()).rejects.toMatchObject({ code: 'signed-out' });
  });

  it('finds what the store holds, synchronously where the store is', () => {
    const session = createSession({ refresh: rotating(), store: memoryStore(tokens(0)) });
    const core = session[sessionCore];
    expect(core.current(core.begin())).toMatchObject({ accessToken: 'at-0' });
  });

  it('acquires tokens from nothing, once', async () => {
    const acquire = rotating();
    const session = createSession({ acquire });
    const all = await Promise.all([session.token(), session.token()]);
    expect(all.map((token) => token.accessToken)).toEqual(['at-1', 'at-1']);
    expect(acquire).toHaveBeenCalledTimes(1);
  });
});
