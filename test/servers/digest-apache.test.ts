import { afterAll, beforeAll, expect, it } from 'vitest';
import { digest } from '../../src/digest.js';
import { type AuthEvent, createAuthFetch, outcomeOf } from '../../src/fetch.js';
import { paramsOf } from '../schemes/digest/support.js';
import { describeServer, type Running, startServer } from '../support/server-process.js';
import { APACHE, digestFolders, USER } from './apache.js';

describeServer(APACHE, 'digest at Apache', () => {
  let server: Running;
  beforeAll(async () => {
    server = await startServer(APACHE, digestFolders);
  });
  afterAll(() => server.stop());

  /** A client that keeps what it sent and was told. */
  function client(user: Parameters<typeof digest>[0] = USER, verifyServer = true) {
    const sent: Record<string, string>[] = [];
    const statuses: number[] = [];
    const infos: (string | null)[] = [];
    const events: AuthEvent[] = [];
    const authFetch = createAuthFetch({
      baseUrl: server.origin,
      auth: digest(user, { verifyServer }),
      observe: (event) => events.push(event),
      fetch: async (input, init) => {
        sent.push(paramsOf(new Headers(init?.headers).get('authorization')));
        const response = await fetch(input, init);
        statuses.push(response.status);
        infos.push(response.headers.get('authentication-info'));
        return response;
      },
    });
    const reads = async (path: string, init?: RequestInit) => {
      const response = await authFetch(path, init);
      return [response.status, await response.text()];
    };
    return { authFetch, reads, sent, statuses, infos, events };
  }

  it('is let in, and the server proves that it knows the password', async () => {
    const { reads, infos, statuses, events } = client();
    expect(await reads('/plain/file.txt')).toEqual([200, 'plain']);
    expect(await reads('/plain/file.txt?a=b%20c&d="')).toEqual([200, 'plain']);
    expect(await reads('/plain/file.txt', { method: 'HEAD' })).toEqual([200, '']);
    expect(statuses).toEqual([401, 200, 200, 200]);
    for (const info of infos.slice(1)) expect(info).toMatch(/^rspauth="[0-9a-f]{32}"/);
    expect(events.map(({ type }) => type)).toEqual(['challenged', 'replayed']);
  });

  it('is sent without a challenge inside the domain, and not outside', async () => {
    const { reads, statuses, sent } = client();
    await reads('/plain/file.txt');
    expect(await reads('/inside/file.txt')).toEqual([200, 'inside']);
    expect(await reads('/short/file.txt')).toEqual([200, 'short']);
    expect(statuses).toEqual([401, 200, 200, 401, 200]);
    expect(sent[3]).toEqual({});
  });

  it('sends a wrong password once, and asks a function again', async () => {
    const wrong = client({ ...USER, password: 'wrong' });
    const response = await wrong.authFetch('/plain/file.txt');
    expect(outcomeOf(response)).toMatchObject({ reason: 'refused-again', sendings: 2 });
    const asked: unknown[] = [];
    const right = client(async ({ realm, refused }) => {
      asked.push([realm, refused]);
      return refused ? USER : { ...USER, password: 'wrong' };
    });
    expect(await right.reads('/plain/file.txt')).toEqual([200, 'plain']);
    expect(asked).toEqual([
      ['http-auth@example.org', false],
      ['http-auth@example.org', true],
    ]);
    expect(right.statuses).toEqual([401, 401, 200]);
  });

  it('takes the next nonce from Authentication-Info: of one-time nonces none is refused', async () => {
    const { reads, statuses, sent, infos } = client();
    for (let i = 0; i < 5; i++) expect(await reads('/once/file.txt')).toEqual([200, 'once']);
    expect(statuses).toEqual([401, 200, 200, 200, 200, 200]);
    expect(infos[1]).toContain('nextnonce=');
    expect(new Set(sent.slice(1).map(({ nonce }) => nonce)).size).toBe(5);
    expect(new Set(sent.slice(1).map(({ nc }) => nc))).toEqual(new Set(['00000001']));
  });

  it('lets thirty requests at once in with one-time nonces, each sent at most twice', async () => {
    const { reads, sent, statuses } = client();
    expect(await reads('/once/file.txt')).toEqual([200, 'once']);
    for (let round = 0; round < 3; round++) {
      const all = await Promise.all(Array.from({ length: 10 }, () => reads('/once/file.txt')));
      expect(all).toEqual(Array(10).fill([200, 'once']));
    }
    const used = sent.flatMap(({ nonce, nc }) => (nonce === undefined ? [] : [`${nonce} ${nc}`]));
    expect(new Set(used).size).toBe(used.length);
    // the first ten are challenged but for one; then each has a nonce of its own
    expect(statuses).toHaveLength(1 + 31 + 9);
  });

  it('lets them in with one-time nonces after answers that gave none: of an error nobody learns the next', async () => {
    const { reads, authFetch, infos, statuses } = client();
    expect((await authFetch('/once/missing')).status).toBe(404);
    expect(infos.at(-1)).toBeNull();
    for (let round = 0; round < 3; round++) {
      const burst = Array.from({ length: 10 }, () => reads('/once/file.txt'));
      const missing = Array.from({ length: 3 }, () => authFetch('/once/missing'));
      expect(await Promise.all(burst)).toEqual(Array(10).fill([200, 'once']));
      expect((await Promise.all(missing)).map(({ status }) => status)).toEqual([404, 404, 404]);
    }
    expect(statuses.length).toBeLessThan(2 + 3 * 26);
  });

  it('replaces a nonce that has become stale, and asks nobody', async () => {
    let asked = 0;
    const { reads, statuses, sent } = client(async () => {
      asked++;
      return USER;
    });
    expect(await reads('/short/file.txt')).toEqual([200, 'short']);
    // the server's clock is what a test cannot set
    await new Promise((resolve) => setTimeout(resolve, 3_100));
    expect(await reads('/short/file.txt')).toEqual([200, 'short']);
    const all = await Promise.all([1, 2, 3].map(() => reads('/short/file.txt')));
    expect(all).toEqual(Array(3).fill([200, 'short']));
    expect(asked).toBe(1);
    expect(statuses.slice(0, 3)).toEqual([401, 200, expect.any(Number)]);
    expect(new Set(sent.map(({ nonce }) => nonce)).size).toBeGreaterThan(2);
  });

  it('follows a redirect with credentials for the new request-target', async () => {
    const { authFetch, reads, statuses, sent } = client();
    expect(await reads('/moved')).toEqual([200, 'plain']);
    // Apache answers 400 where the request-target is another than the one that was signed
    const folder = await authFetch('/inside');
    expect([folder.status, folder.redirected]).toEqual([404, true]);
    expect(sent.slice(-2).map(({ uri }) => uri)).toEqual(['/inside', '/inside/']);
    expect(statuses).toEqual([401, 200, 301, 404]);
  });
});
