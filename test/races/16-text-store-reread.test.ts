import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatRecordText } from '../../src/protocol/record-border.js';
import { customStore } from '../../src/session/custom-store.js';
import { createSession } from '../../src/session/session.js';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function setup() {
  const place = { text: '' };
  const store = () =>
    customStore({
      read: () => place.text,
      write: (text) => {
        place.text = text;
      },
    });
  const revoked: (string | undefined)[] = [];
  const session = createSession({
    store: store(),
    refresh: async () => null,
    revoke: async ({ held }) => revoked.push(held.refreshToken),
  });
  return { place, session, revoked };
}

const ended = (text: string) => (JSON.parse(text) as { ended?: string }).ended;

describe('session.signOut: a text store', () => {
  it('is read again 30 s later: another context may have saved over the tombstone', async () => {
    const { place, session, revoked } = setup();
    await session.signIn({ accessToken: 'at-0', refreshToken: 'rt-0' });
    const live = JSON.parse(place.text);
    await session.signOut();
    expect(ended(place.text)).toBe('signed-out');
    place.text = formatRecordText({
      ...live,
      revision: 9,
      tokens: { accessToken: 'at-1', refreshToken: 'rt-1' },
    });
    await vi.advanceTimersByTimeAsync(29_000);
    expect(ended(place.text)).toBeUndefined();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ended(place.text)).toBe('signed-out');
    expect(revoked).toEqual(['rt-0', 'rt-1']);
  });

  it('is left alone where somebody has signed in here since', async () => {
    const { place, session } = setup();
    await session.signIn({ accessToken: 'at-0', refreshToken: 'rt-0' });
    await session.signOut();
    await session.signIn({ accessToken: 'at-5', refreshToken: 'rt-5' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ended(place.text)).toBeUndefined();
    expect((await session.token()).accessToken).toBe('at-5');
  });

  it('keeps nothing waiting once the session is closed', async () => {
    const { place, session } = setup();
    await session.signIn({ accessToken: 'at-0', refreshToken: 'rt-0' });
    const live = place.text;
    await session.signOut();
    await session.close();
    place.text = live;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(place.text).toBe(live);
  });
});
