import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  type AuthEvent,
  basic,
  isAuthError,
  isSignInRequired,
  ServerNotVerifiedError,
} from '../../../src/fetch.js';
import { digest } from '../../../src/schemes/digest/digest.js';
import type { DigestOptions } from '../../../src/schemes/digest/options.js';
import { challenge, expected, MUFASA, type Seen, served } from './support.js';

type Info = (one: Seen, right: string) => string | undefined;

/** A server whose Authentication-Info is made from the right proof. */
function proving(
  info: Info,
  options: DigestOptions = {},
  answer: (one: Seen) => Response = () => new Response('ok'),
) {
  const events: AuthEvent[] = [];
  const client = served(
    (one) => {
      if (!one.authorization) return challenge('realm="r", nonce="n", qop="auth"');
      const field = info(one, expected(one.params, '', MUFASA));
      const response = answer(one);
      if (field !== undefined) response.headers.set('Authentication-Info', field);
      return response;
    },
    MUFASA,
    options,
    { observe: (event) => events.push(event) },
  );
  const doubts = () => events.flatMap((event) => (event.type === 'server-not-verified' ? [event] : []));
  return { ...client, doubts };
}
const whole: Info = ({ params: { nc, cnonce } }, right) =>
  `rspauth="${right}", qop=auth, nc=${nc}, cnonce="${cnonce}"`;

const RIGHT: readonly (readonly [string, Info])[] = [
  ['with all its parameters', whole],
  ['alone', (_one, right) => `rspauth="${right}"`],
  ['in upper case', (_one, right) => `rspauth=${right.toUpperCase()}`],
  ['among unknown parameters', (one, right) => `odd=1, ${whole(one, right)}, nextnonce="m"`],
];
const WRONG: readonly (readonly [string, Info])[] = [
  ['of something else', () => `rspauth="${'0'.repeat(32)}"`],
  ['empty', () => 'rspauth=""'],
  ['too long', (_one, right) => `rspauth="${right}0"`],
  ['too short', (_one, right) => `rspauth="${right.slice(1)}"`],
  ['the request’s own response', ({ params }) => `rspauth="${params['response']}"`],
  ['for another nc', (_one, right) => `rspauth="${right}", nc=00000009`],
  ['for another cnonce', (_one, right) => `rspauth="${right}", cnonce="other"`],
  ['for another qop', (_one, right) => `rspauth="${right}", qop=auth-int`],
];

describe('rspauth', () => {
  it.each(RIGHT)('is believed where it is right: %s (3.22)', async (_what, info) => {
    for (const verifyServer of [true, false]) {
      const { authFetch, doubts } = proving(info, { verifyServer });
      expect(await (await authFetch('/a?b')).text()).toBe('ok');
      expect(await (await authFetch('/a?b')).text()).toBe('ok');
      expect(doubts()).toEqual([]);
    }
  });

  it.each(WRONG)(
    'is an event where it is wrong, and with verifyServer thrown: %s (3.22)',
    async (_what, info) => {
      const mild = proving(info);
      expect(await (await mild.authFetch('/a?b#c')).text()).toBe('ok');
      expect(mild.doubts()).toEqual([
        {
          type: 'server-not-verified',
          reason: 'mismatch',
          at: expect.any(Number),
          url: 'https://h.example/a',
          method: 'GET',
        },
      ]);
      const strict = proving(info, { verifyServer: true });
      const error: unknown = await strict.authFetch('/a').catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ServerNotVerifiedError);
      expect(error).toMatchObject({ code: 'server-not-verified', reason: 'mismatch', signInRequired: false });
      expect([isAuthError(error), isSignInRequired(error)]).toEqual([true, false]);
      expect(strict.doubts()).toHaveLength(1);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/Mufasa|Circle|rspauth/);
    },
  );

  it('is looked at where credentials were sent ahead too', async () => {
    let isWrong = false;
    const { authFetch, doubts, seen } = proving(
      (one, right) => (isWrong ? 'rspauth="0"' : whole(one, right)),
      {
        verifyServer: true,
      },
    );
    await authFetch('/');
    isWrong = true;
    await expect(authFetch('/')).rejects.toMatchObject({ reason: 'mismatch' });
    expect([seen.length, doubts().length]).toEqual([3, 1]);
  });

  it('is believed in the form of RFC 2069 too', async () => {
    for (const isProven of [true, false]) {
      const { authFetch } = served(
        (one) => {
          if (!one.authorization) return challenge('realm="r", nonce="n"');
          const right = expected(one.params, '', MUFASA);
          return new Response('ok', {
            headers: { 'Authentication-Info': `rspauth="${isProven ? right : `${right.slice(1)}x`}"` },
          });
        },
        MUFASA,
        { verifyServer: true },
      );
      if (isProven) expect((await authFetch('/')).status).toBe(200);
      else await expect(authFetch('/')).rejects.toMatchObject({ reason: 'mismatch' });
    }
  });

  it('is demanded of every success with verifyServer, and of nothing else', async () => {
    for (const field of [undefined, 'nextnonce="m"', '="', 'a'.repeat(65_536)]) {
      const strict = proving(() => field, { verifyServer: true });
      await expect(strict.authFetch('/')).rejects.toMatchObject({ reason: 'absent' });
      expect(strict.doubts()).toHaveLength(1);
      expect((await proving(() => field).authFetch('/')).status).toBe(200);
    }
    for (const status of [304, 403, 404, 500]) {
      const failing = () => new Response(null, { status });
      const strict = proving(() => undefined, { verifyServer: true }, failing);
      expect((await strict.authFetch('/')).status).toBe(status);
    }
    const open = served(() => new Response('open'), MUFASA, { verifyServer: true });
    expect(await (await open.authFetch('/')).text()).toBe('open');
  });

  it('counts on any status (3.22)', async () => {
    for (const status of [304, 403, 404, 500]) {
      const strict = proving(
        () => 'rspauth="0"',
        { verifyServer: true },
        () => new Response(null, { status }),
      );
      await expect(strict.authFetch('/')).rejects.toMatchObject({ reason: 'mismatch' });
    }
  });

  it('is looked at on the way of a redirect, before it is followed', async () => {
    const away = () => new Response('', { status: 302, headers: { Location: '/next' } });
    const { authFetch, seen } = proving(() => 'rspauth="0"', { verifyServer: true }, away);
    await expect(authFetch('/')).rejects.toMatchObject({ reason: 'mismatch' });
    expect(seen.map(({ path }) => path)).toEqual(['/', '/']);
  });

  it('is looked at among several schemes, and where a refusal in another status is recognized', async () => {
    for (const more of [
      { auth: [digest(MUFASA), basic(MUFASA)] },
      { isUnauthorized: ({ status }: Response) => status === 419 },
    ]) {
      const events: AuthEvent[] = [];
      const wrong = { headers: { 'Authentication-Info': 'rspauth="0"' } };
      const { authFetch } = served(
        (one) =>
          one.authorization ? new Response('', wrong) : challenge('realm="r", nonce="n", qop="auth"'),
        MUFASA,
        {},
        { ...more, observe: (event) => events.push(event) },
      );
      await authFetch('/');
      expect(events.map(({ type }) => type)).toEqual(['challenged', 'replayed', 'server-not-verified']);
    }
  });

  it('frees the response that is not handed over', async () => {
    let isCancelled = false;
    const body = () =>
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(8_192)),
        cancel: () => {
          isCancelled = true;
        },
      });
    const strict = proving(
      () => undefined,
      { verifyServer: true },
      () => new Response(body()),
    );
    await expect(strict.authFetch('/')).rejects.toMatchObject({ code: 'server-not-verified' });
    await expect.poll(() => isCancelled).toBe(true);
  });
});

describe('rspauth over a body', () => {
  /** auth-int, with the proof over this text. */
  function covering(text: string, response: () => Response, options: DigestOptions) {
    const events: AuthEvent[] = [];
    const client = served(
      (one) => {
        if (!one.authorization) return challenge('realm="r", nonce="n", qop="auth-int", algorithm=SHA-256');
        const answer = response();
        answer.headers.set('Authentication-Info', `rspauth="${expected(one.params, '', MUFASA, text)}"`);
        return answer;
      },
      MUFASA,
      options,
      { observe: (event) => events.push(event) },
    );
    const reasons = () => events.flatMap((one) => (one.type === 'server-not-verified' ? [one.reason] : []));
    return { ...client, reasons };
  }
  const strictly = { verifyServer: true };

  it('is checked with verifyServer, and the body is still the caller’s', async () => {
    const right = covering('größe', () => new Response('größe'), strictly);
    expect(await (await right.authFetch('/')).text()).toBe('größe');
    const wrong = covering('größe', () => new Response('forged'), strictly);
    await expect(wrong.authFetch('/')).rejects.toMatchObject({ reason: 'mismatch' });
    expect(wrong.reasons()).toEqual(['mismatch']);
  });

  it('is not waited for without verifyServer', async () => {
    const endless = () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
    const { authFetch, reasons } = covering('x', endless, {});
    expect((await authFetch('/')).status).toBe(200);
    expect(reasons()).toEqual([]);
  });

  it('is checked at once where there is no body', async () => {
    const none = () => new Response(null, { status: 204 });
    expect((await covering('', none, strictly).authFetch('/')).status).toBe(204);
    const wrong = covering('x', none, {});
    await wrong.authFetch('/');
    expect(wrong.reasons()).toEqual(['mismatch']);
  });

  it('is no proof where the platform has decoded the body, or it is longer than 16 MiB', async () => {
    const encoded = () => new Response('x', { headers: { 'Content-Encoding': 'gzip' } });
    await expect(covering('x', encoded, strictly).authFetch('/')).rejects.toMatchObject({
      reason: 'unreadable',
    });
    const chunk = new Uint8Array(1_048_576);
    const endless = () => new Response(new ReadableStream({ pull: (c) => c.enqueue(chunk) }));
    await expect(covering('x', endless, strictly).authFetch('/')).rejects.toMatchObject({
      reason: 'unreadable',
    });
  });

  it('is read whole where the platform has no streams', async () => {
    const bare = () => {
      const response = new Response('abc');
      const copy = { body: undefined, arrayBuffer: async () => new TextEncoder().encode('abc').buffer };
      Object.defineProperty(response, 'body', { value: undefined });
      return Object.defineProperty(response, 'clone', { value: () => copy });
    };
    expect((await covering('abc', bare, strictly).authFetch('/')).status).toBe(200);
    await expect(covering('abd', bare, strictly).authFetch('/')).rejects.toMatchObject({
      reason: 'mismatch',
    });
  });
});
