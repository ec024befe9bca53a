import { describe, expect, it } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { createCookieSession } from '../../src/session/cookie-session.js';
import { API, flush, raceClock, resource, tokenServer, watch } from '../support/races-tools.js';

/** Cookies are the browser's: the server tells by the moment, not by what is sent. */
function browser() {
  const server = tokenServer();
  const api = resource();
  const session = createCookieSession({ refresh: server.ask });
  const call = createAuthFetch({ baseUrl: API, auth: session, fetch: api.fetch as typeof fetch });
  return { server, api, session, call };
}

const ok = () => new Response(null, { status: 204 });

describe('single flight of a cookie session', () => {
  raceClock();

  it('renews once for N requests that meet 401 together, and replays all N', async () => {
    const { server, api, session, call } = browser();
    await session.signIn();
    const calls = [1, 2, 3, 4, 5].map(() => watch(call(`${API}/me`)));
    await flush();
    for (const sending of api.sendings) sending.refuse();
    await flush();
    expect(server.asked).toHaveLength(1);
    server.request(0).answer(ok());
    await flush();
    expect(api.sendings).toHaveLength(10);
    for (const sending of api.sendings) sending.accept();
    await flush();
    expect(calls.map(({ value }) => value?.status)).toEqual(Array(5).fill(200));
    expect(server.asked).toHaveLength(1);
  });

  it('asks once who is there where nobody knew yet, and replays all N', async () => {
    const { server, api, session, call } = browser();
    const calls = [1, 2, 3].map(() => watch(call(`${API}/me`)));
    await flush();
    for (const sending of api.sendings) sending.refuse();
    await flush();
    server.request(0).answer(ok());
    await flush();
    for (const sending of api.sendings) sending.accept();
    await flush();
    expect(calls.map(({ value }) => value?.status)).toEqual([200, 200, 200]);
    expect(api.sendings).toHaveLength(6);
    expect(server.asked).toHaveLength(1);
    expect(session.getSnapshot().status).toBe('signed-in');
  });

  it('replays a late 401 with the renewed cookies and renews nothing', async () => {
    const { server, api, session, call } = browser();
    await session.signIn();
    const calls = [1, 2].map(() => watch(call(`${API}/me`)));
    await flush();
    api.sending(0).refuse();
    await flush();
    server.request(0).answer(ok());
    await flush();
    api.sending(2).accept();
    await flush();
    api.sending(1).refuse();
    await flush();
    api.sending(3).accept();
    await flush();
    expect(calls.map(({ value }) => value?.status)).toEqual([200, 200]);
    expect(api.sendings).toHaveLength(4);
    expect(server.asked).toHaveLength(1);
  });

  it('holds new requests back while the renewal is under way that a refusal began', async () => {
    const { server, api, session, call } = browser();
    await session.signIn();
    watch(call(`${API}/first`));
    await flush();
    api.sending(0).refuse();
    await flush();
    watch(call(`${API}/later`));
    await flush();
    expect(api.sendings).toHaveLength(1);
    server.request(0).answer(ok());
    await flush();
    expect(api.sendings).toHaveLength(3);
  });
});
