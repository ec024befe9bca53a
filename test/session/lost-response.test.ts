import { describe, expect, it, onTestFinished } from 'vitest';
import type { SessionEvent } from '../../src/events.js';
import { oauthProvider } from '../../src/oauth/provider.js';
import { refreshTokenGrant } from '../../src/oauth/refresh-token.js';
import { customStore } from '../../src/session/custom-store.js';
import type { Refresh } from '../../src/session/grant.js';
import { memoryStore } from '../../src/session/memory-store.js';
import { refreshEndpoint } from '../../src/session/refresh-endpoint.js';
import { createSession } from '../../src/session/session.js';
import type { TokenStore } from '../../src/session/store.js';
import { textPlace } from '../stores/text-place.ts';
import { type Fate, type Spent, startRotating } from '../support/rotating-server.ts';

type Make = (url: string) => Refresh;
const grants: Readonly<Record<string, Make>> = {
  refreshTokenGrant: (url: string) =>
    refreshTokenGrant(oauthProvider({ tokenEndpoint: url, clientId: 'spa' })),
  refreshEndpoint: (url: string) => refreshEndpoint(url),
};
const each = Object.entries(grants);

async function serving(spent: Spent, ...fates: Fate[]) {
  const server = await startRotating(spent);
  onTestFinished(() => server.stop());
  server.fates.push(...fates);
  return server;
}

/** A context over the store, with the events that are no success. */
function contextOf(store: TokenStore, refresh: Refresh) {
  const told: string[] = [];
  const observe = (event: SessionEvent) => {
    if ('reason' in event) told.push(`${event.type} ${event.reason}`);
    if (event.type === 'signed-out') told.push(`${event.type} ${event.cause}`);
  };
  const session = createSession({ store, refresh, observe });
  onTestFinished(() => session.close());
  return { session, told };
}

async function signedIn(url: string, make: Make, store = memoryStore()) {
  const context = contextOf(store, make(url));
  await context.session.signIn({ accessToken: 'at-0', refreshToken: 'rt-0' });
  return context;
}

describe.each(each)('%s: a response that was lost', (_, make) => {
  it.each<[Fate]>([['dropped'], ['cut']])(
    'is had by the same token where the server has a grace window (%s)',
    async (fate) => {
      const server = await serving('grace', fate);
      const { session, told } = await signedIn(server.url, make);
      await session.refresh();
      expect(server.posted).toEqual(['rt-0', 'rt-0']);
      expect((await session.token()).accessToken).toBe('at-2');
      expect(told).toEqual([]);
    },
  );

  it.each<[Fate, Spent]>([
    ['dropped', 'refused'],
    ['cut', 'refused'],
    ['dropped', 'family-revoked'],
    ['cut', 'family-revoked'],
  ])('ends the session by a reason of its own where the server has none (%s, %s)', async (fate, spent) => {
    const server = await serving(spent, fate);
    const { session, told } = await signedIn(server.url, make);
    await expect(session.refresh()).rejects.toMatchObject({
      code: 'refresh-rejected',
      error: 'invalid_grant',
    });
    expect(server.posted).toEqual(['rt-0', 'rt-0']);
    expect(told).toEqual(['signed-out rejected', 'refresh-failed lost-response']);
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
  });

  it.each<[Spent]>([['grace'], ['refused'], ['family-revoked']])(
    'costs nothing where the request was lost and not the response (%s)',
    async (spent) => {
      const server = await serving(spent, 'unseen');
      const { session, told } = await signedIn(server.url, make);
      await session.refresh();
      expect(server.posted).toEqual(['rt-0', 'rt-0']);
      expect((await session.token()).accessToken).toBe('at-1');
      expect(told).toEqual([]);
    },
  );

  it('leaves the session as it is where no try is answered, and the next flight has it', async () => {
    const server = await serving('grace', 'dropped', 'dropped', 'unseen');
    const { session, told } = await signedIn(server.url, make);
    await expect(session.refresh()).rejects.toMatchObject({ code: 'refresh-unavailable' });
    expect(server.posted).toEqual(['rt-0', 'rt-0', 'rt-0']);
    expect(told).toEqual(['refresh-failed lost-response']);
    expect((await session.token()).accessToken).toBe('at-0');
    const retryAt = await session.refresh().then(
      () => 0,
      (error: { retryAt?: number }) => error.retryAt ?? 0,
    );
    await new Promise((resolve) => setTimeout(resolve, retryAt - Date.now() + 5));
    await session.refresh();
    expect((await session.token()).accessToken).toBe('at-3');
  });

  it('ends nothing where another context has renewed it in between and saves that a second later', async () => {
    const server = await serving('refused', 'unseen', 'answered');
    const place = textPlace(true);
    const text = () => customStore({ read: place.read, write: place.write });
    const first = await signedIn(server.url, make, text());
    const other = contextOf(text(), make(server.url));
    await other.session.ready();
    const refreshing = first.session.refresh();
    while (server.posted.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    // Spent by another one, whose store writes when its platform does.
    const tokens = server.renew('rt-0') as { access_token: string; refresh_token: string };
    const found = JSON.parse(place.text ?? '');
    setTimeout(() => {
      const renewed = { accessToken: tokens.access_token, refreshToken: tokens.refresh_token };
      const { revision, generation } = found;
      const next = { ...found, revision: revision + 2, generation: generation + 1, tokens: renewed };
      void place.write(JSON.stringify(next));
    }, 1_000);
    await refreshing;
    expect(server.posted).toEqual(['rt-0', 'rt-0']);
    expect((await first.session.token()).accessToken).toBe('at-1');
    expect(first.told).toEqual([]);
  });
});
