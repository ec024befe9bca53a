import { describe, expect, it } from 'vitest';
import { loaded } from '../support/races-context.js';
import {
  API,
  corridor,
  flush,
  heldNow,
  pass,
  raceClock,
  resource,
  tokens,
  watch,
} from '../support/races-tools.js';

const SOFT = 250_000;
const HARD = 296_000;
const OVER = 300_000;

const broken = () => new Response('{}', { status: 400 });

/** A token of 300 s, at this instant of its life, and a resource that takes it. */
async function at(ms: number, about: Parameters<typeof loaded>[0] = {}) {
  const made = await loaded(about);
  const api = resource(() => true);
  await pass(ms);
  return { ...made, api, call: corridor(made.session, api) };
}

describe('a soft refresh', () => {
  raceClock();

  it("holds nobody, and its failure is nobody's error", async () => {
    const { server, api, call, session, told } = await at(SOFT);
    const calls = [1, 2, 3].map(() => watch(call(`${API}/me`)));
    await flush();
    expect(calls.map(({ value }) => value?.status)).toEqual([200, 200, 200]);
    server.request(0).answer(broken());
    await flush();
    await call(`${API}/me`);
    expect((await session.token()).accessToken).toBe('at-0');
    expect(api.sent).toEqual(Array(4).fill('at-0'));
    expect(server.asked).toHaveLength(1);
    expect(told()).toEqual(['refreshing', 'refresh-failed misconfigured']);
  });

  it.each(['onTurn', 'onLoad', 'onSave'] as const)(
    'holds nobody where the store fails (%s)',
    async (verb) => {
      const { store, call, api, server } = await at(SOFT);
      store[verb] = () => Promise.reject(new Error('down'));
      const response = await call(`${API}/me`);
      await pass(10_000);
      expect(response.status).toBe(200);
      expect(api.sent).toEqual(['at-0']);
      expect(server.asked).toHaveLength(0);
    },
  );

  it('holds nobody however long it takes, up to the hard window', async () => {
    const { server, api, call } = await at(SOFT);
    for (let n = 0; n < 4; n++) {
      await call(`${API}/me`);
      await pass(10_000);
    }
    expect(api.sent).toEqual(Array(4).fill('at-0'));
    expect(server.asked.length).toBeGreaterThan(0);
  });

  it('is not begun again during the cooldown: the store is left alone too', async () => {
    const { server, store, call } = await at(SOFT);
    await call(`${API}/me`);
    server.request(0).answer(broken());
    await flush();
    const { loads } = store;
    for (let n = 0; n < 5; n++) await call(`${API}/me`);
    expect(store.loads).toBe(loads);
    expect(server.asked).toHaveLength(1);
  });

  it('is the error of a refused call that joined it', async () => {
    const { server, session } = await at(SOFT);
    const refused = await session.token();
    const waiting = watch(session.token({ refused }));
    await flush();
    expect(server.asked).toHaveLength(1);
    server.request(0).answer(broken());
    await flush();
    expect(waiting.error).toMatchObject({ code: 'refresh-misconfigured' });
  });
});

describe('a refresh in the hard window', () => {
  raceClock();

  it.each([
    ['is misconfigured', broken],
    ['brings garbage', () => ({ access_token: '' })],
  ])('falls back to the token that is still valid where it %s', async (_, answer) => {
    const { server, api, call } = await at(HARD);
    const calls = [1, 2, 3].map(() => watch(call(`${API}/me`)));
    await flush();
    expect(api.sent).toEqual([]);
    server.request(0).answer(answer());
    await flush();
    expect(calls.map(({ value }) => value?.status)).toEqual([200, 200, 200]);
    expect(api.sent).toEqual(Array(3).fill('at-0'));
    expect(server.asked).toHaveLength(1);
  });

  it('falls back where its timer fires before the token expires', async () => {
    const { server, api, call } = await at(HARD, { options: { refreshTimeoutMs: 1_000 } });
    const waiting = watch(call(`${API}/me`));
    await pass(1_000);
    expect(waiting.value?.status).toBe(200);
    expect(api.sent).toEqual(['at-0']);
    expect(server.asked).toHaveLength(1);
  });

  it('sends at once during the cooldown while the token is still valid', async () => {
    const { server, api, call } = await at(HARD - 500);
    const first = watch(call(`${API}/me`));
    await flush();
    server.request(0).answer(broken());
    await flush();
    expect(first.state).toBe('fulfilled');
    const second = watch(call(`${API}/me`));
    await flush();
    expect(second.value?.status).toBe(200);
    expect(api.sent).toEqual(['at-0', 'at-0']);
    expect(server.asked).toHaveLength(1);
  });

  it('fails a call whose token expired while it waited, which is never sent', async () => {
    const { server, api, call } = await at(HARD);
    const waiting = watch(call(`${API}/me`));
    await pass(4_000);
    server.request(0).answer(broken());
    await flush();
    expect(waiting.error).toMatchObject({ code: 'refresh-misconfigured' });
    expect(api.sent).toEqual([]);
  });
});

describe('a refresh of an expired token', () => {
  raceClock();

  it('fails the calls that wait for it, with one error, and sends nothing', async () => {
    const { server, api, call } = await at(OVER);
    const calls = [1, 2, 3].map(() => watch(call(`${API}/me`)));
    await flush();
    server.request(0).answer(broken());
    await flush();
    expect(calls.map(({ state }) => state)).toEqual(Array(3).fill('rejected'));
    expect(new Set(calls.map(({ error }) => error)).size).toBe(1);
    const cooling = watch(call(`${API}/me`));
    await flush();
    expect(cooling.error).toMatchObject({ code: 'refresh-unavailable', retryAt: expect.any(Number) });
    expect(api.sent).toEqual([]);
    expect(server.asked).toHaveLength(1);
  });

  it('is waited for by everybody, and they go out with the new token', async () => {
    const { server, api, call } = await at(OVER);
    const calls = [1, 2, 3].map(() => watch(call(`${API}/me`)));
    await flush();
    server.request(0).answer(tokens(1));
    await flush();
    expect(calls.map(({ value }) => value?.status)).toEqual([200, 200, 200]);
    expect(api.sent).toEqual(Array(3).fill('at-1'));
  });
});

describe('token({ validForMs })', () => {
  raceClock();

  it('falls back to the token that is still valid where the refresh fails, and during the cooldown', async () => {
    const { session, server, store } = await at(100_000);
    const waiting = watch(session.token({ validForMs: 240_000 }));
    await flush();
    expect([waiting.state, server.asked.length]).toEqual(['pending', 1]);
    server.request(0).answer(broken());
    await flush();
    expect(waiting.value?.accessToken).toBe('at-0');
    const { loads } = store;
    expect((await session.token({ validForMs: 240_000 })).accessToken).toBe('at-0');
    expect(store.loads).toBe(loads);
    expect(server.asked).toHaveLength(1);
  });
});

describe('a refused call', () => {
  raceClock();

  it('is the only one that fails with the refresh it began', async () => {
    const made = await loaded();
    const api = resource();
    const call = corridor(made.session, api);
    const taken = watch(call(`${API}/taken`));
    const refused = watch(call(`${API}/refused`));
    api.sending(1).refuse();
    await flush();
    const begun = watch(call(`${API}/begun`));
    await flush();
    made.server.request(0).answer(broken());
    await flush();
    api.sending(0).accept();
    api.sending(2).accept();
    await flush();
    expect(refused.error).toMatchObject({ code: 'refresh-misconfigured' });
    expect([taken.value?.status, begun.value?.status]).toEqual([200, 200]);
    expect(api.sent).toEqual(['at-0', 'at-0', 'at-0']);
    expect(heldNow(made.session)).toBe('at-0');
  });
});
