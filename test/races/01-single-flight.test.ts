import { describe, expect, it } from 'vitest';
import { RefreshUnavailableError } from '../../src/errors.js';
import { createSession } from '../../src/session/session.js';
import { RacePlace } from '../support/races-place.js';
import {
  API,
  corridor,
  flush,
  pass,
  raceClock,
  record,
  resource,
  tokenServer,
  tokens,
  watch,
} from '../support/races-tools.js';

const N = 40;
const times = (n: number, make: () => Promise<unknown>) => Array.from({ length: n }, () => watch(make()));

async function signedIn(api: ReturnType<typeof resource>, expiresIn: number | null = 300) {
  const server = tokenServer();
  const session = createSession({ refresh: server.ask });
  await session.signIn(tokens(0, expiresIn));
  return { server, session, call: corridor(session, api) };
}

describe('single flight', () => {
  raceClock();

  it('refreshes once for N requests that meet 401 together, and replays all N', async () => {
    const api = resource((token) => token === 'at-1');
    const { server, call } = await signedIn(api);
    const calls = times(N, () => call(`${API}/me`));
    await flush();
    expect(server.asked).toHaveLength(1);
    expect(api.sent).toEqual(Array(N).fill('at-0'));
    server.request(0).answer(tokens(1));
    await flush();
    expect(server.asked).toHaveLength(1);
    expect(api.sent.slice(N)).toEqual(Array(N).fill('at-1'));
    expect(calls.every(({ value }) => (value as Response | undefined)?.status === 200)).toBe(true);
  });

  it('joins those whose 401 arrives while the refresh is under way', async () => {
    const api = resource();
    const { server, call } = await signedIn(api);
    const calls = times(3, () => call(`${API}/me`));
    api.sending(0).refuse();
    await flush();
    api.sending(1).refuse();
    await pass(500);
    api.sending(2).refuse();
    await flush();
    server.request(0).answer(tokens(1));
    await flush();
    expect(api.sent).toEqual(['at-0', 'at-0', 'at-0', 'at-1', 'at-1', 'at-1']);
    for (const sending of api.sendings) sending.accept();
    await flush();
    expect(server.asked).toHaveLength(1);
    expect(calls.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  });

  it('sends one token request for the contexts that share an exclusive store', async () => {
    const place = new RacePlace(record(0));
    const server = tokenServer();
    const api = resource((token) => token === 'at-1');
    const contexts = [1, 2, 3].map(() => createSession({ refresh: server.ask, store: place.handle() }));
    const calls = contexts.flatMap((session) => times(5, () => corridor(session, api)(`${API}/me`)));
    await flush();
    server.request(0).answer(tokens(1));
    await flush();
    expect(server.asked).toHaveLength(1);
    expect(api.sent.filter((token) => token === 'at-1')).toHaveLength(15);
    expect(api.sent).toHaveLength(30);
    expect(calls.every(({ state }) => state === 'fulfilled')).toBe(true);
  });

  it('holds new requests back while a flight is under way that a refusal began', async () => {
    const api = resource((token) => token === 'at-1');
    const { server, call } = await signedIn(api);
    const first = watch(call(`${API}/first`));
    await flush();
    const later = times(5, () => call(`${API}/later`));
    await flush();
    expect(api.sent).toEqual(['at-0']);
    server.request(0).answer(tokens(1));
    await flush();
    expect(api.sent).toEqual(['at-0', ...Array(6).fill('at-1')]);
    expect([first, ...later].every(({ state }) => state === 'fulfilled')).toBe(true);
  });

  it('holds new requests back while a flight is under way that the hard window began', async () => {
    const api = resource(() => true);
    const { server, call } = await signedIn(api);
    await pass(296_000);
    const calls = times(5, () => call(`${API}/me`));
    await flush();
    expect(api.sent).toEqual([]);
    expect(server.asked).toHaveLength(1);
    server.request(0).answer(tokens(1));
    await flush();
    expect(api.sent).toEqual(Array(5).fill('at-1'));
    expect(calls.every(({ state }) => state === 'fulfilled')).toBe(true);
  });

  it('lets a soft flight hold nobody', async () => {
    const api = resource(() => true);
    const { server, call } = await signedIn(api);
    await pass(250_000);
    const calls = times(5, () => call(`${API}/me`));
    await flush();
    expect(server.asked).toHaveLength(1);
    expect(api.sent).toEqual(Array(5).fill('at-0'));
    expect(calls.every(({ state }) => state === 'fulfilled')).toBe(true);
    server.request(0).answer(tokens(1));
    await flush();
    await call(`${API}/me`);
    expect(api.sent.at(-1)).toBe('at-1');
  });

  it('holds new requests back once a refusal has joined a soft flight', async () => {
    const api = resource((token) => token === 'at-1');
    const { server, call } = await signedIn(api);
    await pass(250_000);
    const first = watch(call(`${API}/first`));
    await flush();
    const later = watch(call(`${API}/later`));
    await flush();
    expect(api.sent).toEqual(['at-0']);
    server.request(0).answer(tokens(1));
    await flush();
    expect(server.asked).toHaveLength(1);
    expect(api.sent).toEqual(['at-0', 'at-1', 'at-1']);
    expect([first.state, later.state]).toEqual(['fulfilled', 'fulfilled']);
  });

  it('holds new requests back once a soft flight has lasted into the hard window', async () => {
    const api = resource(() => true);
    const { server, call } = await signedIn(api);
    await pass(294_000);
    await call(`${API}/soft`);
    await pass(2_000);
    const hard = watch(call(`${API}/hard`));
    await flush();
    expect(api.sent).toEqual(['at-0']);
    server.request(0).answer(tokens(1));
    await flush();
    expect(server.asked).toHaveLength(1);
    expect(api.sent).toEqual(['at-0', 'at-1']);
    expect(hard.state).toBe('fulfilled');
  });

  it('sends who waited only because of it with the held token when the flight fails', async () => {
    const api = resource((token) => token === 'at-0' && api.sent.length > 1);
    const { server, call } = await signedIn(api);
    const refused = watch(call(`${API}/refused`));
    await flush();
    const bystanders = times(3, () => call(`${API}/other`));
    await flush();
    server.request(0).answer(new Response('{}', { status: 400 }));
    await flush();
    expect(refused.error).toMatchObject({ code: 'refresh-misconfigured' });
    expect(api.sent).toEqual(['at-0', 'at-0', 'at-0', 'at-0']);
    expect(bystanders.every(({ state }) => state === 'fulfilled')).toBe(true);
  });

  it('sends who waited only because of it with the held token when its timer fires', async () => {
    const api = resource((token) => token === 'at-0' && api.sent.length > 1);
    const { server, call } = await signedIn(api);
    const refused = watch(call(`${API}/refused`));
    await flush();
    await pass(3_000);
    const bystander = watch(call(`${API}/other`));
    await pass(7_999);
    expect(refused.error).toBeInstanceOf(RefreshUnavailableError);
    expect(bystander.state).toBe('pending');
    await pass(1);
    expect(bystander.state).toBe('fulfilled');
    expect(api.sent).toEqual(['at-0', 'at-0']);
    expect(server.asked).toHaveLength(1);
  });

  it('begins another flight for the token after the one that a flight brought', async () => {
    const api = resource((token) => token === 'at-2');
    const { server, call } = await signedIn(api);
    const first = watch(call(`${API}/first`));
    await flush();
    server.request(0).answer(tokens(1));
    await flush();
    // at-1 is younger than 10 s: its refusal is believed only later
    expect(first.value?.status).toBe(401);
    await pass(10_000);
    const second = watch(call(`${API}/second`));
    await flush();
    server.request(1).answer(tokens(2));
    await flush();
    expect(second.value?.status).toBe(200);
    expect(server.asked.map(({ posted }) => posted)).toEqual(['rt-0', 'rt-1']);
    expect(api.sent).toEqual(['at-0', 'at-1', 'at-1', 'at-2']);
  });
});
