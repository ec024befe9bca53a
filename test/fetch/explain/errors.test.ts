import fc from 'fast-check';
import ky from 'ky';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAuthClient } from '../../../src/client.js';
import {
  AuthError,
  NotReplayableError,
  RefreshMisconfiguredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  ServerNotVerifiedError,
  SignedOutError,
  TokenResponseError,
} from '../../../src/errors.js';
import { explain } from '../../../src/fetch/explain/explain.js';
import { refreshEndpoint } from '../../../src/session/refresh-endpoint.js';
import { anyText } from '../../support/any-text.js';
import { answer, delivered, HERE, NOW, renews, type Said, session } from './support.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

const intact = '  Session: the session is intact: nobody has to sign in because of this';
const challenge = 'Bearer realm="api", error="invalid_token"';

const named = (name: string, message = 's3cr3t') => Object.assign(new Error(message), { name });
const network = (code?: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('s3cr3t'), { code }) });

const rows: [what: string, error: unknown, first: string, ...lines: string[]][] = [
  [
    'SignedOutError',
    new SignedOutError(),
    'Nobody is signed in: the session ended before the request was sent.',
    '  Try: sign in, then repeat the request',
  ],
  [
    'RefreshRejectedError',
    new RefreshRejectedError('no', { error: 'invalid_grant', errorDescription: 'Token\u0007 revoked' }),
    'The refresh was rejected: invalid_grant ("Token? revoked"). The session is over.',
    '  Try: sign in again',
  ],
  [
    'RefreshRejectedError that says nothing',
    new RefreshRejectedError(),
    'The refresh was rejected. The session is over.',
  ],
  [
    'RefreshUnavailableError',
    new RefreshUnavailableError('The refresh is unavailable: status 503', { retryAt: NOW + 12_000 }),
    'The token could not be renewed now: The refresh is unavailable: status 503.',
    intact,
    '  Next: a refresh may be tried in 12 seconds',
    '  Try: repeat the request later; see whether the authorization server and the store can be reached',
  ],
  [
    'RefreshUnavailableError whose time has come',
    new RefreshUnavailableError('Later', { retryAt: NOW - 1 }),
    'The token could not be renewed now: Later.',
    '  Next: a refresh may be tried now',
  ],
  [
    'RefreshMisconfiguredError: invalid_client',
    new RefreshMisconfiguredError('no', { error: 'invalid_client' }),
    'The authorization server does not take this client: invalid_client.',
    intact,
    '  Try: check client id, secret or key, and how the client authenticates (`clientAuth`)',
  ],
  [
    'RefreshMisconfiguredError: unauthorized_client',
    new RefreshMisconfiguredError('no', { error: 'unauthorized_client' }),
    'The authorization server does not take this client: unauthorized_client.',
    '  Try: allow this client the grant at the authorization server',
  ],
  [
    'RefreshMisconfiguredError: invalid_scope',
    new RefreshMisconfiguredError('no', { error: 'invalid_scope' }),
    'The authorization server does not take this client: invalid_scope.',
    '  Try: ask only for scopes that this client may have',
  ],
  [
    'RefreshMisconfiguredError that says nothing',
    new RefreshMisconfiguredError('status 404'),
    'The authorization server does not take this client.',
    '  Said: status 404',
    '  Try: check the token endpoint, the client and its grant; a sign-in does not help',
  ],
  [
    'TokenResponseError',
    new TokenResponseError('no', {
      issues: [
        { message: 'must be text', path: ['access_token'] },
        { message: 'no object', path: [] },
      ],
    }),
    'The authorization server answered with success, but with no usable tokens.',
    '  Wrong: access_token: must be text; no object',
    intact,
  ],
  [
    'NotReplayableError',
    new NotReplayableError(),
    'The request was refused, and its body could be sent only once.',
    '  Refresh: beside this call, for the next one',
  ],
  [
    'ServerNotVerifiedError',
    new ServerNotVerifiedError('mismatch'),
    'The server has not proven that it knows the password: its `rspauth` is wrong.',
    '  Try: if the server never sends a proof, leave `verifyServer` out',
  ],
  [
    'ServerNotVerifiedError without a proof',
    new ServerNotVerifiedError('absent'),
    'The server has not proven that it knows the password: there is no `rspauth`.',
  ],
  [
    'ServerNotVerifiedError over a body that nobody can read',
    new ServerNotVerifiedError('unreadable'),
    'The server has not proven that it knows the password: its `rspauth` is over a body that cannot be read.',
  ],
  [
    'one that has no words of its own',
    new AuthError('of-tomorrow' as never, false, 'Something new'),
    'Something new (of-tomorrow).',
    '  Try: look up this code among the errors of the README',
  ],
  [
    'one that has no words of its own, and wants a sign-in',
    new AuthError('of-tomorrow' as never, true, 'Something new'),
    'Something new (of-tomorrow).',
    '  Try: sign in, then repeat the request',
  ],
  [
    'no network',
    network('ECONNREFUSED'),
    'No response came (ECONNREFUSED): nothing was refused by a server.',
    '  Try: in a page: the console shows what CORS refused; the preflight must allow `Authorization` by name (Access-Control-Allow-Headers), also on a 401',
  ],
  [
    'no network, in Chrome',
    new TypeError('Failed to fetch'),
    'No response came: nothing was refused by a server.',
  ],
  [
    'no network, in React Native',
    new TypeError('Network request failed'),
    'No response came: nothing was refused by a server.',
  ],
  [
    'no network, in workerd',
    new Error('Network connection lost.'),
    'No response came: nothing was refused by a server.',
  ],
  [
    'no network, in Bun',
    Object.assign(new TypeError('s3cr3t'), { code: 'ECONNRESET' }),
    'No response came (ECONNRESET): nothing was refused by a server.',
  ],
  [
    'no network, with a code that looks like a secret',
    network('s3cr3t token'),
    'No response came: nothing was refused by a server.',
  ],
  [
    'AbortError',
    named('AbortError'),
    'The request was aborted by its caller: no refusal.',
    '  Try: look for who aborts its signal; a refresh that had begun goes on',
  ],
  [
    'TimeoutError',
    named('TimeoutError'),
    'The request took too long and was given up: no refusal.',
    '  Try: repeat it, or allow more time: a refresh alone may take 8 seconds (`refreshTimeoutMs`)',
  ],
  [
    'an error of a client that wraps another',
    new Error('s3cr3t', { cause: named('ApolloError') }),
    'This is no refusal that latchkey knows (Error): its own message may say more.',
  ],
  [
    'an error that wraps one of latchkey’s',
    new Error('s3cr3t', { cause: new Error('s3cr3t', { cause: new SignedOutError() }) }),
    'Nobody is signed in: the session ended before the request was sent.',
  ],
  [
    'an error that wraps no network',
    new Error('s3cr3t', { cause: network('ENOTFOUND') }),
    'No response came (ENOTFOUND): nothing was refused by a server.',
  ],
  [
    'misuse',
    new TypeError('bearer: `source` must be a session'),
    'This is no refusal that latchkey knows (TypeError): its own message may say more.',
  ],
  ['text', 's3cr3t', 'This is no refusal that latchkey knows (string): its own message may say more.'],
  ['null', null, 'This is no refusal that latchkey knows (null): its own message may say more.'],
  ['nothing', undefined, 'This is no refusal that latchkey knows (undefined): its own message may say more.'],
];

describe('explain: an error', () => {
  it.each(rows)('%s', (_, error, first, ...lines) => {
    const told = explain(error).split('\n');
    expect(told[0]).toBe(first);
    expect(told).toEqual(expect.arrayContaining(lines));
    expect(told.join()).not.toMatch(/s3cr3t/);
  });

  it('that a refresh ends with', async () => {
    const refresh = refreshEndpoint('https://id.example.com/r');
    const fetch = async () => Response.json({ error: 'invalid_client' }, { status: 400 });
    const own = await session({}, { refresh, fetch });
    const error = await delivered(own, { challenge }).catch((thrown: unknown) => thrown);
    expect(explain(error).split('\n')[0]).toBe(
      'The authorization server does not take this client: invalid_client.',
    );
  });

  it('by its brand, from another copy of the package', async () => {
    vi.resetModules();
    const { RefreshUnavailableError: Other } = await import('../../../src/errors.js');
    expect(Other).not.toBe(RefreshUnavailableError);
    expect(explain(new Other('Later'))).toMatch(/^The token could not be renewed now: Later\.\n/);
  });
});

describe('explain: an error of the client', () => {
  const client = (auth: Awaited<ReturnType<typeof session>>, said: Said, hooks = {}) =>
    createAuthClient({ baseUrl: HERE, auth, fetch: async () => answer(said), retry: 0, hooks });
  const thrown = (call: PromiseLike<unknown>) => Promise.resolve(call).catch((error: unknown) => error);

  it('UnauthorizedError tells what the response would', async () => {
    const error = await thrown(client(await session({}, { refresh: renews }), { challenge }).get('a'));
    expect(explain(error)).toBe(explain((error as { response: Response }).response));
    expect(explain(error)).toContain('\n  Refresh: made, and the new credentials were refused too\n');
  });

  it('UnauthorizedError tells it all the same where a hook has put a copy in place of the response', async () => {
    const afterResponse = [({ response }: { response: Response }) => response.clone()];
    const own = await session({}, { refresh: renews });
    const error = await thrown(client(own, { challenge }, { afterResponse }).get('a'));
    expect(explain((error as { response: Response }).response)).toContain('  Sent: not known');
    expect(explain(error)).toContain(
      '\n  Sent: 2 times, the last with an access token (Bearer); when refused:',
    );
  });

  it('ForbiddenError', async () => {
    const said = { status: 403, challenge: 'Bearer error="insufficient_scope", scope="a b"' };
    const error = await thrown(client(await session(), said).get('a'));
    expect(error).toMatchObject({ code: 'forbidden' });
    expect(explain(error)).toMatch(/^403 from \S+: the token is good, but its scope does not allow this\.\n/);
    expect(explain(error)).toContain('the scope "a b"');
  });

  it('an HTTPError of ky alone', async () => {
    const call = ky.get(`${HERE}a`, { fetch: async () => answer({ challenge }), retry: 0 });
    expect(explain(await thrown(call))).toMatch(/^401 from \S+: the API does not take the token\.\n/);
  });

  it('a network failure of ky', async () => {
    const call = ky.get(`${HERE}a`, { fetch: () => Promise.reject(network('ECONNRESET')), retry: 0 });
    expect(explain(await thrown(call))).toMatch(/^No response came \(ECONNRESET\): /);
  });

  it('a timeout of ky', async () => {
    const call = ky.get(`${HERE}a`, { fetch: () => new Promise(() => {}), retry: 0, timeout: 5 });
    expect(explain(await thrown(call))).toMatch(/^The request took too long and was given up: /);
  });

  it('an UnauthorizedError by shape, of another copy: what it says of itself', async () => {
    const about = {
      reason: 'refresh-limit',
      challenges: [{ scheme: 'bearer', params: { realm: 'r' } }],
      sendings: 3,
    };
    const response = answer({ challenge: 'Basic' });
    expect(explain(Object.assign(new Error('s3cr3t'), about, { response })).split('\n')).toEqual([
      '401 from https://api.example.com/users/me: the API does not take the token.',
      '  Asked for: Bearer, realm "r"',
      '  Sent: 3 times',
      '  Refresh: none: 5 within a minute were begun by refusals of unexpired tokens',
      '  Clocks: the same, within 30 seconds',
      "  Try: look into the API's log: revoked, signed with a key it does not know, or for another audience, issuer or environment",
      '  Try: find out why the API refuses tokens that are not expired; another refresh may begin in a minute',
    ]);
  });

  it('an error that looks like one and is none: what the response says', () => {
    for (const about of [
      { reason: 'x', challenges: [null] },
      { reason: 5, challenges: [] },
    ]) {
      const error = Object.assign(new Error(), about, { response: answer({ challenge: 'Basic' }) });
      expect(explain(error)).toContain('\n  Asked for: Basic\n');
    }
  });

  it('an UnauthorizedError whose response is gone', () => {
    const error = Object.assign(new AuthError('unauthorized', true, 's3cr3t'), { name: 'HTTPError' });
    expect(explain(error)).toMatch(/^This is no refusal that latchkey knows \(HTTPError\)/);
  });

  it('a reason of a version to come', () => {
    const about = { reason: 'of-tomorrow', challenges: [], sendings: 1 };
    expect(explain(Object.assign(new Error(), about, { response: answer({ status: 419 }) }))).toMatch(
      /^419 from \S+: the server saw no credentials that it understands\.\n/,
    );
  });
});

describe('explain: anything', () => {
  it('never throws, and tells printable lines', () => {
    const response = fc.record({
      status: fc.oneof(fc.constantFrom(0, 200, 401, 403, 407), fc.integer()),
      url: fc.oneof(anyText, fc.constant(undefined)),
      type: fc.constantFrom('cors', 'basic', undefined),
      headers: fc
        .record({ 'www-authenticate': anyText, date: anyText, age: anyText, server: anyText, via: anyText })
        .map((fields) => ({ get: (name: keyof typeof fields) => fields[name] ?? null })),
    });
    const about = fc.record(
      {
        response: fc.oneof(response, fc.anything()),
        reason: fc.anything(),
        challenges: fc.anything(),
        cause: fc.anything(),
        name: fc.anything(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(response, about, fc.anything()), (value) => {
        expect(explain(value)).toMatch(/^[ -~]+(?:\n {2}[A-Z][a-z ]+: [ -~]+)*$/);
      }),
      { numRuns: 300 },
    );
  });

  it('says so where it cannot be read', () => {
    const loud = new Proxy(
      {},
      {
        get: () => {
          throw new Error('s3cr3t');
        },
      },
    );
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const value of [loud, proxy])
      expect(explain(value)).toBe('This cannot be explained: it does not let itself be read.');
  });

  it('ends where causes go round', () => {
    const error = new Error('s3cr3t');
    error.cause = error;
    expect(explain(error)).toMatch(/^This is no refusal that latchkey knows \(Error\)/);
  });
});
