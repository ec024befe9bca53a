import { describe, expect, it } from 'vitest';
import { createAuthClient } from '../../src/client.js';
import { onlyFresh, stub, tokens } from './support.js';

const baseUrl = 'https://a.example.com/';
const B = 'https://b.example.com/';

describe('AuthClient.extend', () => {
  it('keeps the corridor, the session and what ky was told', async () => {
    const { fetch, sent, calls } = stub();
    const auth = tokens('fresh');
    const api = createAuthClient({ baseUrl, auth, fetch, headers: { 'X-One': '1' } });
    const users = api.extend({ headers: { 'X-Two': '2' } });
    expect(await users.get('me').json()).toEqual({ id: 'u1' });
    await api.get('me');
    expect(sent()).toEqual(['Bearer stale', 'Bearer fresh', 'Bearer fresh']);
    expect(auth.replacements()).toBe(1);
    expect([calls[0]?.headers.get('x-one'), calls[0]?.headers.get('x-two')]).toEqual(['1', '2']);
    expect(calls[2]?.headers.has('x-two')).toBe(false);
  });
  it('never widens the origins: another baseUrl is asked without credentials', async () => {
    const { fetch, sent, calls } = stub(() => Response.json({}));
    const other = createAuthClient({ baseUrl, auth: tokens(), fetch }).extend({ baseUrl: B });
    await other.get('me');
    await other.fetch('me');
    await other.extend((parent) => parent).get('me');
    expect(calls.map((call) => call.url)).toEqual([`${B}me`, `${B}me`, `${B}me`]);
    expect(sent()).toEqual([null, null, null]);
  });
  it('allows another origin where `origins` says so, and only there', async () => {
    const { fetch, sent } = stub(() => Response.json({}));
    const api = createAuthClient({ baseUrl, auth: tokens(), fetch });
    const other = api.extend({ baseUrl: B, origins: B });
    await other.get('me');
    await other.get('https://a.example.com/me');
    await api.get(`${B}me`);
    expect(sent()).toEqual(['Bearer stale', null, null]);
  });
  it('inherits what is given as undefined', async () => {
    const { fetch, sent } = stub();
    const api = createAuthClient({ baseUrl, auth: tokens('fresh'), fetch });
    await api.extend({ auth: undefined, origins: undefined }).get('me');
    expect(sent()).toEqual(['Bearer stale', 'Bearer fresh']);
  });
  it('puts another `fetch` below the corridor, also for `.fetch`', async () => {
    const [first, second] = [stub(), stub()];
    const api = createAuthClient({ baseUrl, auth: tokens('fresh'), fetch: first.fetch });
    const extended = api.extend({ fetch: second.fetch });
    await extended.get('me');
    await extended.fetch('/me');
    expect(first.calls).toEqual([]);
    expect(second.sent()).toEqual(['Bearer stale', 'Bearer fresh', 'Bearer fresh']);
  });
  it('takes other credentials', async () => {
    const { fetch, sent } = stub(() => Response.json({}));
    const api = createAuthClient({ baseUrl, auth: tokens(), fetch });
    const key = { name: 'key', credentials: () => ({ headers: { Authorization: 'Key 1' } }) };
    await api.extend({ auth: key }).get('x');
    await api.get('x');
    expect(sent()).toEqual(['Key 1', 'Bearer stale']);
  });
  it('takes a function of the options so far, without what latchkey added to them', async () => {
    const { fetch, calls } = stub();
    const auth = tokens('fresh');
    const mine = () => {};
    const api = createAuthClient({
      prefix: 'https://a.example.com/api',
      auth,
      fetch,
      hooks: { beforeRequest: [mine] },
    });
    const users = api.extend((parent) => {
      expect(parent).toMatchObject({ prefix: 'https://a.example.com/api', auth, fetch });
      expect(parent.hooks?.beforeError ?? []).toEqual([]);
      expect(parent.hooks?.beforeRequest).toEqual([mine]);
      return { prefix: `${parent.prefix}/users` };
    });
    await users.get('me');
    expect(calls[1]?.url).toBe('https://a.example.com/api/users/me');
  });
  it('lets isUnauthorized change', async () => {
    const { fetch, sent } = stub((request) =>
      request.headers.get('authorization') === 'Bearer fresh'
        ? onlyFresh(request)
        : new Response('', { status: 419 }),
    );
    const api = createAuthClient({ baseUrl, auth: tokens('fresh'), fetch });
    await api.extend({ isUnauthorized: (response) => response.status === 419 }).get('me');
    expect(sent()).toEqual(['Bearer stale', 'Bearer fresh']);
  });
  it('throws a TypeError for what is no options', () => {
    const api = createAuthClient({ baseUrl, auth: tokens() });
    expect(() => api.extend(5 as never)).toThrow(TypeError);
  });
});
