import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { bearer, createAuthFetch, defineScheme, outcomeOf } from '../../src/fetch.js';
import { API, refused, rotating, signedIn } from '../support/spec-resource.js';

describe('field values are bytes', () => {
  it('come from the wire and go back to it as they are', async () => {
    const realm = 'caf\u00e9 \u00c3\u00a9 \u00ff';
    const seen: string[] = [];
    const server = createServer((request, response) => {
      const at = request.rawHeaders.findIndex((name) => name.toLowerCase() === 'x-realm');
      if (at >= 0) {
        seen.push(request.rawHeaders[at + 1] as string);
        response.end('ok');
      } else response.writeHead(401, ['WWW-Authenticate', `Echo realm="${realm}"`]).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const echo = defineScheme({
        name: 'echo',
        credentials: (_target, challenge) =>
          challenge && { headers: { 'X-Realm': challenge.params['realm'] ?? '' }, version: challenge },
        remedy: (_challenge, before) => (before === undefined ? 'answer' : undefined),
      });
      const { port } = server.address() as AddressInfo;
      const authFetch = createAuthFetch({ baseUrl: `http://127.0.0.1:${port}`, auth: echo });
      expect(await (await authFetch('/x')).text()).toBe('ok');
      expect(seen).toEqual([realm]);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe('an opaque response', () => {
  it.each(['opaque', 'error'])(
    'of type %s has status 0 and is handed on: nothing can be read of it',
    async (type) => {
      const opaque = Object.defineProperty(Response.error(), 'type', { value: type });
      const { below, tokens, authFetch } = await signedIn(() => opaque);
      expect(await authFetch('/x')).toBe(opaque);
      expect(outcomeOf(opaque)).toBeUndefined();
      expect([below.sent.length, tokens.refreshes]).toEqual([1, 0]);
    },
  );
});

describe('a response whose fields CORS hides', () => {
  it('is a 401 of the one scheme configured', async () => {
    const { below, authFetch } = await signedIn(({ headers }) =>
      headers.get('authorization') === 'Bearer at-2' ? new Response('ok') : refused(),
    );
    expect(await (await authFetch('/x')).text()).toBe('ok');
    expect(below.authorizations).toEqual(['Bearer at-1', 'Bearer at-2']);
  });

  it('is a 401 of the scheme that was sent, of several', async () => {
    const tokens = rotating();
    await tokens.ready;
    const sent: (string | null)[] = [];
    const fetch = async (_input: unknown, init?: RequestInit) => {
      sent.push(new Headers(init?.headers).get('authorization'));
      return sent.at(-1) === 'Bearer at-2' ? new Response('ok') : refused();
    };
    const auth = [tokens.session, bearer('other')];
    const authFetch = createAuthFetch({ baseUrl: API, auth, fetch });
    expect((await authFetch('/x')).status).toBe(200);
    expect(sent).toEqual(['Bearer at-1', 'Bearer at-2']);
  });
});

describe('a failure of the network, or of a preflight', () => {
  it.each(['GET', 'POST'])('is the TypeError that fetch gave, also on the replay: %s', async (method) => {
    for (const failing of [1, 2]) {
      const failure = new TypeError('Failed to fetch');
      const { below, tokens, authFetch } = await signedIn((_sent, n) =>
        n === failing ? Promise.reject(failure) : refused(),
      );
      await expect(authFetch('/x', { method })).rejects.toBe(failure);
      expect([below.sent.length, tokens.refreshes]).toEqual([failing, failing - 1]);
    }
  });
});

describe('the members of init on a replay', () => {
  it('are those of the first sending: cache mode, keepalive, priority, integrity, duplex', async () => {
    const { below, authFetch } = await signedIn(({ headers }) =>
      headers.get('authorization') === 'Bearer at-2' ? new Response('ok') : refused(),
    );
    const init = {
      method: 'POST',
      cache: 'no-store',
      integrity: 'sha256-x',
      priority: 'low',
      referrerPolicy: 'no-referrer',
    } as const;
    const body = new Blob(['abc']).stream();
    await authFetch('/x', { ...init, body, duplex: 'half' } as RequestInit);
    expect(below.sent.map((sent) => sent.init)).toMatchObject(Array(2).fill({ ...init, duplex: 'half' }));
    // a new session: its first token is refused
    const second = await signedIn(({ headers }) =>
      headers.get('authorization') === 'Bearer at-2' ? new Response('ok') : refused(),
    );
    await second.authFetch('/x', { ...init, keepalive: true, body: 'abc' });
    expect(second.below.sent.map((sent) => sent.init)).toMatchObject(
      Array(2).fill({ ...init, keepalive: true }),
    );
    expect(second.below.sent.map((sent) => sent.body)).toEqual(['abc', 'abc']);
  });
});

describe('an abort', () => {
  it('before the call sends nothing and refreshes nothing', async () => {
    const { below, tokens, authFetch } = await signedIn(({ init }) =>
      init.signal?.aborted ? Promise.reject(init.signal.reason) : refused(),
    );
    const reason = new Error('mine');
    await expect(authFetch('/x', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(below.sent.length).toBeLessThanOrEqual(1);
    expect(tokens.refreshes).toBe(0);
  });
});
