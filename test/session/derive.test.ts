import { describe, expect, it, vi } from 'vitest';
import type { SessionEvent } from '../../src/events.js';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import type { SessionRecord } from '../../src/protocol/record.js';
import type { Refresh, Renewed } from '../../src/session/grant.js';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { type Handle, recordOf, shared } from '../support/races-handle.js';
import { flush, pass, raceClock, START } from '../support/races-tools.js';
import { stateOf } from '../support/races-watch.js';
import { web } from '../support/races-web.js';

const files = { resource: 'https://files.example.com/' };
type Asked = Parameters<Refresh>[0];

/** A server that rotates, ends the family at a reuse, and gives every target a token of its own. */
function setup(
  options: {
    record?: Partial<SessionRecord> | null;
    rotates?: boolean;
    answer?: (asked: Asked, n: number) => Promise<Renewed> | undefined;
  } = {},
) {
  const { record, rotates = true } = options;
  const place = shared(
    record === null
      ? undefined
      : recordOf({ tokens: { accessToken: 'at-0', refreshToken: 'rt-0' }, ...record }),
  );
  const asked: Asked[] = [];
  let n = 0;
  let isRevoked = false;
  const refresh = vi.fn(async (context: Asked): Promise<Renewed> => {
    asked.push(context);
    const special = options.answer?.(context, asked.length);
    if (special) return special;
    if (isRevoked || context.held.refreshToken !== `rt-${n}`) {
      isRevoked = true;
      return Response.json({ error: 'invalid_grant' }, { status: 400 });
    }
    if (rotates) n++;
    const of = context.target?.resource ?? context.target?.audience ?? 'base';
    return { access_token: `at-${of}-${asked.length}`, refresh_token: `rt-${n}`, expires_in: 300 };
  });
  const events: SessionEvent[] = [];
  const revoke = vi.fn(async () => {});
  const store: Handle = place.handle();
  const session = createSession({ refresh, revoke, store, observe: (event) => events.push(event) });
  return { session, place, store, refresh, asked, events, revoke, isRevoked: () => isRevoked };
}

describe('Session.derive', () => {
  raceClock();

  it.each([
    [{}, 'resource, audience or scope'],
    [undefined, 'resource, audience or scope'],
    [{ resource: 1 }, 'resource'],
    [{ audience: '' }, 'audience'],
  ])('names what cannot be: %j', (target, names) => {
    const { session } = setup();
    expect(() => session.derive(target as never)).toThrow(names);
    expect(() => session.derive(target as never)).toThrow(TypeError);
  });

  it('sends without credentials where nobody is signed in, and with them after the sign-in', async () => {
    const { session, refresh } = setup({ record: null });
    const { fetch, sendings } = web(() => new Response('ok'));
    const authFetch = createAuthFetch({ baseUrl: files.resource, auth: session.derive(files), fetch });
    await authFetch('/a');
    expect(refresh).toHaveBeenCalledTimes(0);
    await session.signIn({ accessToken: 'at-0', refreshToken: 'rt-0' });
    await authFetch('/a');
    expect(sendings.map(({ headers }) => headers.get('authorization'))).toEqual([
      null,
      'Bearer at-https://files.example.com/-1',
    ]);
  });

  it('ends the sign-in where the refresh token is dead, for everybody', async () => {
    const dead = () => Promise.resolve(Response.json({ error: 'invalid_grant' }, { status: 400 }));
    const { session, place, events } = setup({ answer: dead });
    const derived = session.derive(files);
    await expect(derived.token()).rejects.toMatchObject({ code: 'refresh-rejected' });
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
    expect(derived.getSnapshot()).toBe(session.getSnapshot());
    expect(place.record?.ended).toBe('rejected');
    expect(events.filter(({ type }) => type === 'signed-out')).toHaveLength(1);
  });

  it('signs nobody out where it fails otherwise, and asks again after a while', async () => {
    let status = 503;
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const { session, refresh } = setup({
      answer: () => (status === 200 ? undefined : Promise.resolve(new Response(null, { status }))),
    });
    const derived = session.derive(files);
    const failed = stateOf(derived.token());
    await pass(610);
    expect(failed).toMatchObject({ is: 'rejected', error: { code: 'refresh-unavailable' } });
    expect(session.getSnapshot().status).toBe('signed-in');
    expect(refresh).toHaveBeenCalledTimes(3);
    await expect(derived.token()).rejects.toMatchObject({ code: 'refresh-unavailable' });
    expect(refresh).toHaveBeenCalledTimes(3);
    status = 200;
    await pass(60_000);
    expect((await derived.token()).accessToken).toMatch(/^at-https/);
  });

  it('loses no rotated refresh token to a store that fails', async () => {
    const { session, store, place, events, isRevoked } = setup();
    const derived = session.derive(files);
    let saves = 0;
    store.beforeSave = () => (++saves > 1 ? Promise.reject(new Error('disk')) : undefined);
    const token = stateOf(derived.token());
    await pass(5_000);
    expect(token.value?.accessToken).toBe('at-https://files.example.com/-1');
    expect(events.some(({ type }) => type === 'save-failed')).toBe(true);
    expect(place.record?.tokens?.refreshToken).toBe('rt-0');
    store.beforeSave = undefined;
    await session.refresh();
    expect(isRevoked()).toBe(false);
    expect(place.record?.tokens?.refreshToken).toBe('rt-2');
  });

  it('revokes and forgets what comes after a sign-out', async () => {
    const answer = deferred<Renewed>();
    const { session, revoke, place } = setup({ answer: () => answer.promise });
    const derived = session.derive(files);
    const token = stateOf(derived.token());
    await flush();
    await session.signOut({ revoke: false });
    await flush();
    expect(token).toMatchObject({ is: 'rejected', error: { code: 'signed-out' } });
    answer.resolve({ access_token: 'late', refresh_token: 'late-rt' });
    await flush();
    expect(place.record).toMatchObject({ ended: 'signed-out' });
    expect(JSON.stringify(place.record)).not.toContain('late');
    expect(revoke).toHaveBeenCalledTimes(1);
    await expect(derived.token()).rejects.toMatchObject({ code: 'signed-out' });
  });

  it('sends no request of one user with the token of the next', async () => {
    const gate = deferred<Response>();
    const { session } = setup();
    const { fetch, sendings } = web((_, n) => (n === 1 ? gate.promise : new Response('ok')));
    const authFetch = createAuthFetch({ baseUrl: files.resource, auth: session.derive(files), fetch });
    const call = stateOf(authFetch('/a'));
    await flush();
    await session.signIn({ accessToken: 'bert', refreshToken: 'bert-rt' });
    gate.resolve(new Response('', { status: 401 }));
    await flush();
    expect(call.value?.status).toBe(401);
    expect(sendings).toHaveLength(1);
  });

  it('keeps its access token in memory and only the rotated refresh token in the store', async () => {
    const { session, place, asked } = setup();
    const derived = session.derive(files);
    const held = await session.token();
    expect((await derived.token()).accessToken).toBe('at-https://files.example.com/-1');
    expect(asked[0]).toMatchObject({ target: files, held: { refreshToken: 'rt-0' } });
    expect(place.record).toMatchObject({
      generation: 1,
      tokens: { accessToken: 'at-0', refreshToken: 'rt-1' },
    });
    expect(await session.token()).toEqual(held);
    await session.refresh();
    expect(asked[1]).toMatchObject({ held: { refreshToken: 'rt-1' } });
    expect(asked[1]?.target).toBeUndefined();
  });

  it('takes turns with the session and with its other tokens: one refresh token, no reuse', async () => {
    const { session, isRevoked, refresh } = setup();
    const targets = [files, { audience: 'b' }, { audience: 'c' }, { scope: 'read' }];
    const all = await Promise.all([
      ...targets.map((target) => session.derive(target).token()),
      session.refresh(),
      ...targets.map((target) => session.derive(target).token()),
    ]);
    expect(new Set(all.map(({ accessToken }) => accessToken)).size).toBe(5);
    expect(refresh).toHaveBeenCalledTimes(5);
    expect(isRevoked()).toBe(false);
  });

  it('takes turns with other contexts too', async () => {
    const { session, place, refresh, isRevoked } = setup();
    const other = createSession({ refresh, store: place.handle() });
    await Promise.all([
      session.derive(files).token(),
      other.derive(files).token(),
      other.refresh(),
      session.refresh(),
    ]);
    expect(isRevoked()).toBe(false);
  });

  it('is renewed once for a crowd whose token is refused, and by nothing of the session', async () => {
    const { session, refresh } = setup();
    const derived = session.derive(files);
    const old = await derived.token();
    const { fetch, sendings } = web(({ headers }) =>
      headers.get('authorization') === `Bearer ${old.accessToken}`
        ? new Response('', { status: 401 })
        : new Response('ok'),
    );
    await pass(20_000);
    const authFetch = createAuthFetch({ baseUrl: files.resource, auth: derived, fetch });
    const responses = await Promise.all(Array.from({ length: 20 }, () => authFetch('/a')));
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect(sendings).toHaveLength(40);
    expect(refresh).toHaveBeenCalledTimes(2);
    expect((await session.token()).accessToken).toBe('at-0');
  });

  it('renews ahead of time like every session', async () => {
    const { session, refresh } = setup();
    const derived = session.derive(files);
    await derived.token();
    await pass(299_000);
    await derived.token();
    expect(refresh).toHaveBeenCalledTimes(2);
    expect(Date.now()).toBe(START + 299_000);
  });

  it('acquires by itself where nothing is renewed, and not once somebody has signed out', async () => {
    const acquire = vi.fn(async ({ target }: { target?: { audience?: string | undefined } | undefined }) => ({
      accessToken: `at-${target?.audience ?? 'base'}`,
      refreshToken: 'never used',
    }));
    const session = createSession({ acquire });
    const derived = session.derive({ audience: 'orders' });
    expect((await derived.token()).accessToken).toBe('at-orders');
    expect(acquire).toHaveBeenCalledTimes(1);
    expect((await session.token()).accessToken).toBe('at-base');
    await session.signOut();
    await expect(derived.token()).rejects.toMatchObject({ code: 'signed-out' });
    expect(acquire).toHaveBeenCalledTimes(2);
  });

  it('signs in first where that can be acquired', async () => {
    const acquire = vi.fn(async () => ({ access_token: 'at-0', refresh_token: 'rt-0' }));
    const { refresh } = setup();
    const session = createSession({ acquire, refresh });
    expect((await session.derive(files).token()).accessToken).toBe('at-https://files.example.com/-1');
    expect(session.getSnapshot().status).toBe('signed-in');
    expect(acquire).toHaveBeenCalledTimes(1);
  });

  it('waits for the user who is asked to sign in', async () => {
    const { refresh } = setup();
    const prompt = deferred<Renewed>();
    const acquire = Object.assign(() => prompt.promise, { promptMs: 60_000 });
    const session = createSession({ acquire, refresh });
    const token = stateOf(session.derive(files).token());
    await pass(59_000);
    expect(token.is).toBe('pending');
    prompt.resolve({ access_token: 'at-0', refresh_token: 'rt-0' });
    await flush();
    expect(token.value?.accessToken).toBe('at-https://files.example.com/-1');
  });

  it('says what is missing: a refresh token, or a store that may be written', async () => {
    const needy = Object.assign(async () => ({ access_token: 'x' }), { needsRefreshToken: true });
    const session = createSession({ refresh: needy });
    await session.signIn({ accessToken: 'at-0' });
    await expect(session.derive(files).token()).rejects.toThrow('no refresh token');
    const { session: other, store } = setup();
    store.readOnly = true;
    await expect(other.derive(files).token()).rejects.toThrow('read-only');
  });

  it('is the same for the same target, narrows, shares all but the tokens, and opens nothing to close', async () => {
    const { session } = setup();
    const derived = session.derive(files);
    expect(session.derive({ ...files })).toBe(derived);
    expect(session.derive({ audience: 'a' }).derive(files)).toBe(session.derive({ ...files, audience: 'a' }));
    expect(derived.subscribe).toBe(session.subscribe);
    await derived.close();
    await derived.signIn({ accessToken: 'at-5', refreshToken: 'rt-0' });
    expect((await session.token()).accessToken).toBe('at-5');
    expect((await derived.refresh()).accessToken).toBe('at-https://files.example.com/-1');
    await derived.signOut();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
  });

  it('refuses to be asked from inside a refresh, and shows no token', async () => {
    let inside: unknown;
    const { session } = setup({
      answer: () => {
        inside = session.derive(files).token();
        (inside as Promise<unknown>).catch(() => {});
        return Promise.resolve({ access_token: 'at-1' });
      },
    });
    await session.refresh();
    await expect(inside).rejects.toThrow(TypeError);
    const { inspect } = await import('node:util');
    expect(inspect(session.derive(files), { depth: 9, showHidden: true })).not.toMatch(/[ar]t-\d/);
  });
});
