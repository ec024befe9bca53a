import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RefreshRejectedError } from '../../../src/errors.js';
import { explain } from '../../../src/fetch/explain/explain.js';
import { formatRecordText } from '../../../src/protocol/record-border.js';
import { apiKey } from '../../../src/schemes/api-key.js';
import type { Auth } from '../../../src/schemes/auth.js';
import { basic } from '../../../src/schemes/basic.js';
import { bearer } from '../../../src/schemes/bearer.js';
import { dpop } from '../../../src/schemes/dpop/dpop.js';
import { dpopKey } from '../../../src/schemes/dpop/dpop-key.js';
import { createCookieSession } from '../../../src/session/cookie-session.js';
import { customStore } from '../../../src/session/custom-store.js';
import { memoryStore } from '../../../src/session/memory-store.js';
import { createSession } from '../../../src/session/session.js';
import { root } from '../../support/source.js';
import { answer, delivered, HERE, NOW, renews, type Said, session } from './support.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

const invalid = 'Bearer realm="api", error="invalid_token"';
const expired = `${invalid}, error_description="The token has expired"`;
const renewed = { challenge: invalid, refresh: renews };
const noContent = async () => new Response(null, { status: 204 });
const rejects = async () => {
  throw new RefreshRejectedError('no', { error: 'invalid_grant', errorDescription: 'Token was revoked' });
};
const dpopAuth = () =>
  dpop(
    createSession({
      store: memoryStore({ access_token: 's3cr3t-at-1', token_type: 'DPoP', expires_in: 3600 }),
    }),
    dpopKey(),
  );
/** A stream that is too long to be kept. */
const stream = (bytes = 20) =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(bytes));
      controller.enqueue(new Uint8Array(bytes));
      controller.close();
    },
  });

/** What is said of a delivered refusal: the cause, what makes it, the first sentence without the URL, lines among the others. */
type Row = [cause: string, make: () => Promise<Response>, first: string, ...lines: string[]];

const to = async (auth: Auth | Promise<Auth>, said: Said) => delivered(await auth, said);

const tokens: Row[] = [
  [
    'clock skew, the server ahead',
    () => to(session({}, { refresh: renews }), { challenge: expired, ahead: 70 }),
    "the clocks differ: by the one here the token or proof is good, by the server's it may not be.",
    '  Asked for: Bearer, realm "api", error "invalid_token", error_description "The token has expired"',
    '  Sent: 2 times, the last with an access token (Bearer); when refused: less than a second old, valid for 60 minutes more',
    '  Refresh: made, and the new credentials were refused too',
    "  Clocks: the server's is 70 minutes ahead of the one here",
    '  Try: set the clock that is wrong (NTP), or let the server allow for some difference',
  ],
  [
    'clock skew, the server behind: not valid yet',
    () => to(session({ ago: 0 }), { challenge: invalid, ahead: -5 }),
    "the clocks differ: by the one here the token or proof is good, by the server's it may not be.",
    "  Clocks: the server's is 5 minutes behind the one here",
  ],
  [
    'clock skew, and a refresh that was rejected',
    () => to(session({}, { refresh: rejects }), { challenge: expired, ahead: 5 }),
    "the clocks differ: by the one here the token or proof is good, by the server's it may not be.",
    '  Refresh: made, and rejected: invalid_grant ("Token was revoked")',
    '  Try: set the clock that is wrong (NTP), or let the server allow for some difference',
  ],
  [
    'clocks that differ, and no challenge',
    () => to(session(), { ahead: 5 }),
    'the answer has no challenge, which RFC 9110 demands: a gateway or hand-written code gave it.',
    "  Clocks: the server's is 5 minutes ahead of the one here",
    '  Try: set the clock that is wrong (NTP), or let the server allow for some difference',
  ],
  [
    'clocks that differ, and another scheme asked for',
    () => to(session(), { challenge: 'Digest realm="x"', ahead: 5 }),
    'the server asks for Digest, and the request can only answer Bearer.',
    "  Clocks: the server's is 5 minutes ahead of the one here",
  ],
  [
    'clock skew that the session knows of and has corrected',
    () => to(session({}, { now: () => Date.now() + 5 * 60_000 }), { challenge: invalid, ahead: 5 }),
    'the API does not take the token.',
    '  Clocks: the same, within 30 seconds',
  ],
  [
    'clock skew of an answer that a cache has kept',
    () => to(session(), { challenge: invalid, ahead: -10, headers: { Age: '600' } }),
    'the API does not take the token.',
    '  Clocks: the same, within 30 seconds',
  ],
  [
    'a token of unknown life, and clocks that differ',
    () => to(bearer('s3cr3t-at-1'), { challenge: invalid, ahead: 3 }),
    'the API does not take the token.',
    '  Sent: once with an access token (Bearer); when refused: its life is not known',
    '  Refresh: none: there were no other credentials to try',
    '  Try: set the clock that is wrong (NTP), or let the server allow for some difference',
  ],
  [
    'expired, and nothing to renew it with',
    () => to(session({ ago: 61, left: -3, refreshToken: undefined }), { challenge: invalid }),
    'the access token has expired.',
    '  Sent: once with an access token (Bearer); when refused: 61 minutes old, expired 3 minutes ago',
    '  Refresh: none: the session has no refresh token that it could use, and no `acquire`',
    "  Try: sign in again; for sessions that last: a refresh token (often the scope `offline_access`) and the session's `refresh`, or `acquire`",
  ],
  [
    'expired, by the server alone',
    () => to(session(), { challenge: expired }),
    'the server calls the token expired, and by the clock here it is not.',
    '  Try: compare the `exp` of the token with the `expires_in` that came with it, and the clocks of the API and the authorization server',
  ],
  [
    'expired, and its source gives the same again',
    () =>
      to(
        bearer(() => 's3cr3t-at-1'),
        { challenge: expired },
      ),
    'the access token has expired.',
    '  Refresh: none: there were no other credentials to try',
    '  Try: renew the token: refresh, or sign in again',
  ],
  [
    'wrong audience, as the server says',
    () => to(session(), { challenge: `${invalid}, error_description="The audience 'a' is invalid"` }),
    'the token is not for this API: wrong audience, issuer or scope.',
    '  Try: compare the aud, iss and scope of the token with what the API expects; ask for the token with its `audience` or `resource`',
  ],
  [
    'wrong audience, because a new token is refused as well',
    () => to(session({}, renewed), { challenge: invalid }),
    'the token is not for this API: wrong audience, issuer or scope.',
    '  Refresh: made, and the new credentials were refused too',
  ],
  [
    'a token that the server does not take and says no more of',
    () => to(session(), { challenge: invalid }),
    'the API does not take the token.',
    '  Sent: once with an access token (Bearer); when refused: 2 minutes old, valid for 58 minutes more',
    "  Try: look into the API's log: revoked, signed with a key it does not know, or for another audience, issuer or environment",
  ],
  [
    'a malformed request',
    () => to(bearer('s3cr3t-at-1'), { challenge: 'Bearer error="invalid_request"' }),
    'the server calls the request malformed.',
  ],
  [
    'a DPoP proof, clocks alike',
    () => to(dpopAuth(), { challenge: 'DPoP error="invalid_dpop_proof", algs="ES256"' }),
    'the server does not take the DPoP proof.',
    '  Asked for: DPoP, error "invalid_dpop_proof", algs "ES256"',
    '  Sent: 2 times, the last with an access token (DPoP); when refused: less than a second old, valid for 60 minutes more',
  ],
  [
    'a DPoP proof, clocks apart',
    () => to(dpopAuth(), { challenge: 'DPoP error="invalid_dpop_proof"', ahead: 2 }),
    "the clocks differ: by the one here the token or proof is good, by the server's it may not be.",
    "  Clocks: the server's is 2 minutes ahead of the one here",
  ],
  [
    'a DPoP nonce that is never right',
    () => to(dpopAuth(), { challenge: 'DPoP error="use_dpop_nonce"', headers: { 'DPoP-Nonce': 'n' } }),
    'the server wants a DPoP proof with its nonce, and none that it took was sent.',
  ],
];

const asksMore: Row[] = [
  [
    'insufficient scope',
    () =>
      to(session(), { status: 403, challenge: 'Bearer error="insufficient_scope", scope="orders:write"' }),
    'the token is good, but its scope does not allow this.',
    '  Asked for: Bearer, error "insufficient_scope", scope "orders:write"',
    '  Refresh: none: a fresh token could do no more',
    '  Try: ask the user or the authorization server for the scope "orders:write" (the session\'s `stepUp`); a refresh cannot widen a scope',
  ],
  [
    'insufficient scope, after a step-up',
    () =>
      to(session({}, { stepUp: renews as never }), {
        status: 403,
        challenge: 'Bearer error="insufficient_scope"',
      }),
    'the token is good, but its scope does not allow this.',
    '  Refresh: the step-up brought other credentials, and they were refused too; then none: a fresh token could do no more',
  ],
  [
    'insufficient authentication',
    () =>
      to(session(), {
        challenge: 'Bearer error="insufficient_user_authentication", acr_values="mfa", max_age="60"',
      }),
    'the token is good, but the API wants a stronger or newer sign-in.',
    '  Asked for: Bearer, error "insufficient_user_authentication", acr_values "mfa", max_age "60"',
  ],
  [
    'insufficient claims',
    () => to(session(), { challenge: 'Bearer error="insufficient_claims", claims="e30"' }),
    'the API wants a token with other claims.',
  ],
];

const whoAsks: Row[] = [
  [
    'not signed in',
    () => to(createSession(), { challenge: 'Bearer realm="api"' }),
    'nobody is signed in.',
    '  Asked for: Bearer, realm "api"',
    '  Sent: once, without credentials',
    '  Refresh: none: nobody is signed in',
    '  Try: sign in, then repeat the request',
  ],
  [
    'the refresh rejected',
    () => to(session({}, { refresh: rejects }), { challenge: invalid }),
    'the refresh was rejected, and the session is over.',
    '  Refresh: made, and rejected: invalid_grant ("Token was revoked")',
    '  Try: sign in again; if this comes often: who else uses the refresh token (another tab, device or process without a shared store), and how long the server lets it live',
  ],
  [
    'signed out while the request was under way',
    async () => {
      const own = await session();
      return delivered(
        own,
        {},
        { fetch: async () => own.signOut().then(() => answer({ challenge: invalid })) },
      );
    },
    'the sign-in that the request began with is over.',
    '  Refresh: none: the sign-in ended here, by signOut()',
  ],
  [
    'a token that ran out, as another call has found before',
    async () => {
      const own = await session({ ago: 61, left: -1, refreshToken: undefined });
      const fetch = async () => answer({ challenge: invalid });
      const [, second] = await Promise.all([delivered(own, {}, { fetch }), delivered(own, {}, { fetch })]);
      return second;
    },
    'the access token has run out, and nothing could renew it.',
    '  Refresh: none: the sign-in ended when its token had expired',
    '  Try: sign in again; for sessions that last: a refresh token, and `refresh`',
  ],
  [
    'a token dated in the future: the clock was set back',
    () => to(session({ ago: -5, left: 65 }), { challenge: invalid }),
    'the API does not take the token.',
    '  Sent: once with an access token (Bearer); when refused: dated in the future, valid for 65 minutes more',
  ],
  [
    'newer credentials that another call has got, refused too',
    async () => {
      const source = bearer(async ({ refused }) => (refused ? 's3cr3t-at-2' : 's3cr3t-at-1'));
      const said = { challenge: invalid };
      const [, second] = await Promise.all([delivered(source, said), delivered(source, said)]);
      return second;
    },
    'the API does not take the token.',
    '  Refresh: not by this call: newer credentials were there already, and they were refused too',
  ],
  [
    'the store read-only',
    async () => {
      const dates = { mintedAt: NOW, expiresAt: NOW + 1e6 };
      const tokens = { accessToken: 's3cr3t-at-1', tokenType: 'Bearer', refreshToken: 's3cr3t-rt-1' };
      const text = formatRecordText({ id: 'i', revision: 1, generation: 1, boundTo: '', tokens, ...dates });
      const store = customStore({ read: () => text });
      return delivered(createSession({ store, refresh: renews }), { challenge: invalid });
    },
    'the API does not take the token.',
    '  Refresh: none: the store is read-only',
    '  Try: refresh where the store can be written, or give it a `write`',
  ],
  [
    'too many refreshes',
    async () => {
      const own = await session({}, { refresh: renews });
      // a token that was taken once is no replacement too young to be replaced
      const authFetch = (said: Said) => delivered(own, said);
      for (let i = 0; i < 5; i++) {
        await authFetch({ challenge: invalid });
        await authFetch({ status: 204 });
      }
      return authFetch({ challenge: invalid });
    },
    'the API does not take the token.',
    '  Refresh: none: 5 within a minute were begun by refusals of unexpired tokens',
  ],
  [
    'a replacement too young to be replaced',
    async () => {
      const own = await session({}, { refresh: renews });
      await delivered(own, { challenge: invalid });
      return delivered(own, { challenge: invalid });
    },
    'the token is not for this API: wrong audience, issuer or scope.',
    '  Refresh: none: the token replaced a refused one a moment ago, and no server has taken it yet',
  ],
  [
    'newer credentials found, renewed and refused too',
    async () => {
      const own = await session({}, { refresh: renews });
      let n = 0;
      const fetch = async () => {
        if (n++ === 0) await own.refresh();
        return answer({ challenge: invalid });
      };
      return delivered(own, {}, { fetch, auth: own });
    },
    'the token is not for this API: wrong audience, issuer or scope.',
    '  Sent: 3 times, the last with an access token (Bearer); when refused: less than a second old, valid for 60 minutes more',
  ],
  [
    'a body that could be sent only once',
    async () => {
      const options = { maxReplayBytes: 10, fetch: spending(invalid) };
      const own = await session({}, { refresh: renews });
      return delivered(own, {}, options, { method: 'POST', body: stream(), duplex: 'half' } as RequestInit);
    },
    'the API does not take the token.',
    '  Refresh: beside this call, for the next one',
    '  Try: repeat the request; a stream below `maxReplayBytes`, or a Blob, text or bytes, is sent again by itself',
  ],
  [
    'an unsafe request that was redirected',
    async () => {
      const redirected = () =>
        Object.defineProperty(answer({ challenge: invalid, url: `${HERE}moved` }), 'redirected', {
          value: true,
        });
      return delivered(await session(), {}, { fetch: async () => redirected() }, { method: 'POST' });
    },
    'the API does not take the token.',
    '  Refresh: none: the request could not have been sent again',
    '  Try: send it to the URL that the redirect names',
  ],
];

const others: Row[] = [
  [
    'user name or password wrong',
    () => to(basic({ username: 'u', password: 's3cr3t' }), { challenge: 'Basic realm="wiki"' }),
    'the user name or password is wrong, or unknown to this server.',
    '  Asked for: Basic, realm "wiki"',
    '  Sent: once with user name and password (Basic)',
    '  Try: check the credentials, and that they belong to this realm and environment',
  ],
  [
    'a prompt that was dismissed',
    () =>
      to(
        basic(() => undefined),
        { challenge: 'Basic realm="wiki"' },
      ),
    'the scheme was asked for credentials and had none.',
    '  Sent: once, without credentials',
    '  Refresh: none: there were no other credentials',
  ],
  [
    'a prompt answered wrongly twice',
    () => {
      let n = 0;
      const prompt = () => ({ username: 'u', password: `s3cr3t-${++n}` });
      return to(basic(prompt), { challenge: 'Basic realm="wiki"' });
    },
    'the user name or password is wrong, or unknown to this server.',
    '  Refresh: other credentials were obtained, and they were refused too',
  ],
  [
    'an API key wrong',
    () => to(apiKey({ query: 'key', value: 's3cr3t' }), { challenge: 'ApiKey' }),
    'the API key is wrong, or unknown to this server.',
    '  Sent: once with an API key',
  ],
  [
    'an API key where another scheme is asked for',
    () => to(apiKey({ header: 'X-Key', value: 's3cr3t' }), { challenge: 'Bearer' }),
    'the API key is wrong, or unknown to this server.',
    '  Try: give `auth` a scheme that the server asks for',
  ],
  [
    'a scheme of the user’s own',
    () =>
      to({ name: 'tenant', credentials: () => ({ headers: { 'X-T': '1' } }), remedy: () => 'answer' }, {}),
    'the credentials are wrong, or unknown to this server.',
    '  Sent: once with credentials of the scheme tenant',
  ],
  [
    'another scheme asked for',
    () => to(session(), { challenge: 'Digest realm="x", nonce="n", Negotiate, Digest realm="y"' }),
    'the server asks for Digest or Negotiate, and the request can only answer Bearer.',
    '  Asked for: Digest, realm "x"; Negotiate; Digest, realm "y"',
    '  Try: give `auth` a scheme that the server asks for',
  ],
  [
    'a gateway without a challenge',
    () => to(session({}, renewed), { headers: { Server: 'nginx/1.27', Via: '1.1 edge' } }),
    'the answer has no challenge, which RFC 9110 demands: a gateway or hand-written code gave it.',
    '  Asked for: nothing that can be read: no WWW-Authenticate',
    '  Try: find out who answered: a gateway, proxy or firewall before the API (Server "nginx/1.27", Via "1.1 edge")',
  ],
  [
    'an expired token and no challenge',
    () => to(session({ left: -1, refreshToken: undefined }), {}),
    'the access token has expired.',
    '  Try: find out who answered: a gateway, proxy or firewall before the API',
  ],
  [
    'a challenge that CORS hides',
    () => to(session({}, renewed), { type: 'cors', ahead: null }),
    'the browser shows no challenge: the server does not expose it, or sent none.',
    '  Clocks: not compared: no Date that the page may see',
    '  Try: on the server: `Access-Control-Expose-Headers: WWW-Authenticate` (and `Date`)',
  ],
  [
    'a cookie that was not sent',
    () => to(createCookieSession({ refresh: noContent }), {}),
    'the cookie was not sent, or the server no longer knows it.',
    '  Sent: 2 times, the last with the cookies that the platform has; when refused: less than a second old',
    "  Try: whether the request carries the cookie at all: its Domain, Path and SameSite, and fetch's `credentials`",
  ],
  [
    'a cookie that was not sent to another site',
    () => to(createCookieSession({ refresh: noContent }), { type: 'cors' }),
    'the cookie was not sent, or the server no longer knows it.',
    "  Try: the cookie's SameSite and Secure, third-party cookies in this browser, and on the server `Access-Control-Allow-Credentials: true` with the origin by name",
  ],
  [
    'a header against request forgery that was not sent',
    () => {
      const csrf = { header: 'X-CSRF', token: () => undefined };
      return to(createCookieSession({ refresh: noContent, csrf }), {});
    },
    'the header against request forgery is missing: its function returned nothing.',
    '  Try: let `csrf.token` find its value: the cookie may have another name, or not be readable by scripts',
  ],
];

/** A server that reads the whole body before it refuses. */
function spending(challenge: string) {
  return async (_: unknown, init?: RequestInit) => {
    await new Response(init?.body as ReadableStream).arrayBuffer();
    return answer({ challenge });
  };
}

describe('explain: a refusal that latchkey delivered', () => {
  it.each([...tokens, ...asksMore, ...whoAsks, ...others])('%s', async (_, make, first, ...lines) => {
    const response = await make();
    const told = explain(response).split('\n');
    expect(told[0]?.replace(/^(\d+ from )\S+(?=: )/, '$1it')).toBe(`${response.status} from it: ${first}`);
    expect(told).toEqual(expect.arrayContaining(lines));
    expect(told.slice(1).every((line) => /^ {2}(?:Asked for|Sent|Refresh|Clocks|Try): \S/.test(line))).toBe(
      true,
    );
    expect(told.filter((line) => line.startsWith('  Try'))).not.toHaveLength(0);
    expect(new Set(told).size).toBe(told.length);
    expect(told.join()).not.toMatch(/s3cr3t|undefined/);
  });

  it('reads as the README shows it', async () => {
    const said = `${invalid}, error_description="The access token expired"`;
    const text = explain(await to(session({}, { refresh: renews }), { challenge: said, ahead: 70 }));
    expect(text).toMatchInlineSnapshot(`
      "401 from https://api.example.com/users/me: the clocks differ: by the one here the token or proof is good, by the server's it may not be.
        Asked for: Bearer, realm "api", error "invalid_token", error_description "The access token expired"
        Sent: 2 times, the last with an access token (Bearer); when refused: less than a second old, valid for 60 minutes more
        Refresh: made, and the new credentials were refused too
        Clocks: the server's is 70 minutes ahead of the one here
        Try: set the clock that is wrong (NTP), or let the server allow for some difference
        Try: compare the \`exp\` of the token with the \`expires_in\` that came with it, and the clocks of the API and the authorization server"
    `);
    expect(readFileSync(`${root}README.md`, 'utf8')).toContain(`\n\`\`\`\n${text}\n\`\`\`\n`);
  });

  it('tells ages and clocks as they were when it arrived, however late it is asked', async () => {
    const response = await to(session(), { challenge: invalid });
    const then = explain(response);
    vi.setSystemTime(NOW + 3_600_000);
    expect(explain(response)).toBe(then);
  });

  it('is told of what another origin refused', async () => {
    const elsewhere = () =>
      Object.defineProperty(
        answer({ challenge: invalid, url: 'https://cdn.example.net/x?sig=s3cr3t' }),
        'redirected',
        {
          value: true,
        },
      );
    const text = explain(await delivered(await session(), {}, { fetch: async () => elsewhere() }));
    expect(text.split('\n')[0]).toBe(
      '401 from https://cdn.example.net/x: another origin refused it, after a redirect.',
    );
    expect(text).toContain('\n  Refresh: none: another origin is not answered\n');
  });

  it('is told of a refusal that is no 401', async () => {
    const isUnauthorized = (response: Response) => response.status === 419;
    const response = await delivered(createSession(), { status: 419 }, { isUnauthorized });
    expect(explain(response)).toMatch(/^419 from \S+: nobody is signed in\.\n/);
  });

  it('shows no more than five challenges', async () => {
    const challenge = ['A', 'B', 'C', 'D', 'E', 'F', 'G'].map((scheme) => `${scheme} realm="r"`).join(', ');
    const text = explain(await to(session(), { challenge }));
    expect(text).toContain('e, realm "r"; and 2 more\n');
    expect(text).toContain('the server asks for a or b or c or d or e, and');
  });
});
