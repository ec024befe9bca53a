import { afterEach, describe, expect, it, vi } from 'vitest';
import { customStore } from '../../src/session/custom-store.js';
import { createSession } from '../../src/session/session.js';

afterEach(() => void vi.useRealTimers());

const anna = { accessToken: 'anna-at', refreshToken: 'anna-rt' };
const bob = { accessToken: 'bob-at', refreshToken: 'bob-rt' };

describe('createSession signIn', () => {
  it.each([
    ['401', () => new Response('wrong password', { status: 401 }), 'RefreshRejectedError'],
    ['403', () => new Response(null, { status: 403 }), 'RefreshRejectedError'],
    [
      'invalid_grant',
      () => Response.json({ error: 'invalid_grant' }, { status: 400 }),
      'RefreshRejectedError',
    ],
    ['429', () => new Response(null, { status: 429 }), 'RefreshUnavailableError'],
    ['503', () => new Response(null, { status: 503 }), 'RefreshUnavailableError'],
    ['200 without tokens', () => Response.json({ ok: true }), 'TokenResponseError'],
  ])('leaves the session as it was where the login answers %s', async (_, answer, name) => {
    const session = createSession();
    await expect(session.signIn(answer())).rejects.toMatchObject({ name });
    expect((await session.ready()).status).toBe('signed-out');
    await session.signIn(anna);
    await expect(session.signIn(answer())).rejects.toMatchObject({ name });
    expect([session.getSnapshot().status, (await session.token()).accessToken]).toEqual([
      'signed-in',
      'anna-at',
    ]);
  });

  it('stands in memory where the store cannot be written, and is written once it can be', async () => {
    vi.useFakeTimers();
    let [text, broken]: [string | null, boolean] = [null, false];
    const write = (next: string | null) => {
      if (broken) throw new Error('full');
      text = next;
    };
    const session = createSession({ store: customStore({ read: () => text, write }) });
    await session.signIn(anna);
    broken = true;
    const refused = expect(session.signIn(bob)).rejects.toMatchObject({ name: 'RefreshUnavailableError' });
    await vi.advanceTimersByTimeAsync(30_000);
    await refused;
    expect((await session.token()).accessToken).toBe('bob-at');
    expect(text).toContain('anna-at');
    broken = false;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(text).toContain('bob-at');
    await session.close();
  });
});
