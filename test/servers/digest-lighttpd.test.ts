import { afterAll, beforeAll, expect, it } from 'vitest';
import { digest } from '../../src/digest.js';
import { createAuthFetch, outcomeOf } from '../../src/fetch.js';
import { paramsOf } from '../schemes/digest/support.js';
import { describeServer, type Running, startServer } from '../support/server-process.js';
import { digestFolders, LIGHTTPD, USERS } from './lighttpd.js';

describeServer(LIGHTTPD, 'digest at lighttpd', () => {
  let server: Running;
  beforeAll(async () => {
    server = await startServer(LIGHTTPD, digestFolders);
  });
  afterAll(() => server.stop());

  /** A client that keeps what it sent. */
  function client(username = 'Mufasa', password = 'Circle of Life', options?: Parameters<typeof digest>[1]) {
    const sent: Record<string, string>[] = [];
    const authFetch = createAuthFetch({
      baseUrl: server.origin,
      auth: digest({ username, password }, options),
      fetch: (input, init) => {
        sent.push(paramsOf(new Headers(init?.headers).get('authorization')));
        return fetch(input, init);
      },
    });
    return { authFetch, sent };
  }

  for (const [username, password] of USERS) {
    it.each(['md5', 'sha256', 'sha512', 'userhash', 'both'])(`lets ${username} in: %s`, async (folder) => {
      const { authFetch, sent } = client(username, password);
      const response = await authFetch(`/${folder}/file.txt`);
      expect([response.status, await response.text()]).toEqual([200, folder]);
      expect(sent).toHaveLength(2);
      expect((await authFetch(`/${folder}/deep/a%20file.txt?q=%22ä&r='`)).status).toBe(200);
      expect((await authFetch(`/${folder}/file.txt`, { method: 'HEAD' })).status).toBe(200);
      expect(sent.slice(1).map(({ nc }) => nc)).toEqual(['00000001', '00000002', '00000003']);
    });
  }

  it('answers the first of several challenges: SHA-256 before MD5, and MD5 where that is all it may', async () => {
    const strong = client();
    expect((await strong.authFetch('/both/file.txt')).status).toBe(200);
    expect(strong.sent[1]?.['algorithm']).toBe('SHA-256');
    const weak = client(undefined, undefined, { algorithms: ['MD5'] });
    expect((await weak.authFetch('/both/file.txt')).status).toBe(200);
    expect(weak.sent[1]?.['algorithm']).toBe('MD5');
  });

  it('sends no MD5 where that is refused', async () => {
    const { authFetch, sent } = client(undefined, undefined, { algorithms: ['SHA-256', 'SHA-512-256'] });
    const response = await authFetch('/md5/file.txt');
    expect(response.status).toBe(401);
    expect(outcomeOf(response)).toMatchObject({ reason: 'not-answerable', sendings: 1 });
    expect(sent).toEqual([{}]);
  });

  it('sends a wrong password once', async () => {
    const { authFetch, sent } = client('Mufasa', 'wrong');
    const response = await authFetch('/sha256/file.txt');
    expect(response.status).toBe(401);
    expect(outcomeOf(response)).toMatchObject({ reason: 'refused-again', sendings: 2 });
    expect(sent).toHaveLength(2);
  });

  it('lets twenty requests at once in, none of which shares a nonce count', async () => {
    const { authFetch, sent } = client();
    await authFetch('/sha256/file.txt');
    const all = await Promise.all(Array.from({ length: 20 }, () => authFetch('/sha256/file.txt')));
    expect(all.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const used = sent.slice(1).map(({ nonce, nc }) => `${nonce} ${nc}`);
    expect(new Set(used).size).toBe(used.length);
    expect(sent).toHaveLength(22);
  });
});
