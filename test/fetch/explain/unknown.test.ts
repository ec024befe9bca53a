import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { explain } from '../../../src/fetch/explain/explain.js';
import { answer, delivered, NOW, type Said, session } from './support.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

const expired = 'Bearer realm="api", error="invalid_token", error_description="The token has expired"';
const unknown = '  Sent: not known: latchkey did not deliver this response, or it is a clone';

type Row = [what: string, said: Said, first: string, ...lines: string[]];

const rows: Row[] = [
  ['an expired token', { challenge: expired }, '401 from it: the access token has expired.', unknown],
  [
    'an expired token, and clocks that differ',
    { challenge: expired, ahead: 4 },
    '401 from it: the access token has expired.',
    "  Clocks: the server's is 4 minutes ahead of the one here, compared now and not when it arrived",
    '  Try: renew the token: refresh, or sign in again',
    '  Try: set the clock that is wrong (NTP), or let the server allow for some difference',
  ],
  [
    'a token of which no more is said',
    { challenge: 'DPoP error="invalid_token"', ahead: null },
    '401 from it: the API does not take the token.',
    '  Clocks: not compared: no Date',
  ],
  [
    'a challenge to a request without credentials',
    { challenge: 'Bearer' },
    '401 from it: the server saw no credentials that it understands.',
    '  Try: send credentials: whether the URL is inside `origins`, the call has no `auth: false`, and no proxy takes Authorization away',
  ],
  [
    'a challenge of Basic',
    { challenge: 'Basic realm="x"' },
    '401 from it: the server saw no credentials that it understands.',
    '  Try: check the credentials, and that they belong to this realm and environment',
  ],
  [
    'no challenge',
    {},
    '401 from it: the answer has no challenge, which RFC 9110 demands: a gateway or hand-written code gave it.',
    "  Try: whether the request carries the cookie at all: its Domain, Path and SameSite, and fetch's `credentials`",
  ],
  [
    'no challenge that a page may see',
    { type: 'cors' },
    '401 from it: the browser shows no challenge: the server does not expose it, or sent none.',
    '  Try: on the server: `Access-Control-Expose-Headers: WWW-Authenticate` (and `Date`)',
  ],
  [
    'a scope that is missing',
    { status: 403, challenge: 'Bearer error="insufficient_scope"' },
    '403 from it: the token is good, but its scope does not allow this.',
    "  Try: ask the user or the authorization server for the scope that the API wants (the session's `stepUp`); a refresh cannot widen a scope",
  ],
  [
    'a 403 and no more',
    { status: 403 },
    '403 from it: the server understood the request and refuses it.',
    '  Try: give the user or client the right: a fresh token would change nothing; with cookies, see whether a header against request forgery is missing',
  ],
  [
    'a proxy',
    { status: 407 },
    '407 from it: a proxy on the way wants credentials.',
    '  Try: give the platform the credentials of the proxy: latchkey answers servers, not proxies',
  ],
  [
    'a success',
    { status: 200 },
    '200 from it: it asks for no credentials.',
    '  Try: look at the response itself: authentication is not what went wrong',
  ],
];

describe('explain: a response that latchkey did not deliver', () => {
  it.each(rows)('%s', (_, said, first, ...lines) => {
    const told = explain(answer(said)).split('\n');
    expect(told[0]?.replace('https://api.example.com/users/me', 'it')).toBe(first);
    expect(told).toEqual(expect.arrayContaining(lines));
    expect(told.join()).not.toMatch(/s3cr3t|undefined/);
  });

  it('a clone of one that it delivered', async () => {
    const response = await delivered(await session(), { challenge: expired });
    expect(explain(response)).not.toContain(unknown);
    expect(explain(response.clone())).toContain(`\n${unknown}\n`);
  });

  it('one that the page may not see', () => {
    expect(explain(Response.error())).toBe(
      "No status: the page may not see this response.\n  Try: send the request without `mode: 'no-cors'` and let the server allow the origin",
    );
  });

  it('one of another library, by shape', () => {
    const like = { status: 401, headers: new Map([['www-authenticate', 'Basic realm="x"']]) };
    const headers = { get: (name: string) => like.headers.get(name) ?? null };
    expect(explain({ status: 401, headers })).toMatch(
      /^401: the server saw no credentials that it understands\.\n {2}Asked for: Basic, realm "x"\n/,
    );
  });

  it.each([
    ['Asked for: Bearer, realm "eyx ***"', 'Bearer realm="eyx eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.sig"'],
    ['realm "Basic ***"', 'Bearer realm="Basic dXNlcjpwYXNz"'],
    ['realm "https://id.example.com/a', 'Bearer realm="https://u:p@id.example.com/a?code=s3cr3t"'],
    ['realm "https://id.example.com/a', 'Bearer realm="https://u@mail.example:p@id.example.com/a"'],
    ['Asked for: ***', 'eyJhbGciOiJub25lIn0'],
    ['realm "a?[31mb"', 'Bearer realm="a\u001b[31mb"'],
  ])('says %s', (said, challenge) => {
    const headers = { get: (name: string) => (name === 'www-authenticate' ? challenge : null) };
    expect(explain({ status: 401, headers })).toContain(said);
  });

  it('cuts texts of the server to 200 characters', () => {
    const text = explain(
      answer({ challenge: `Bearer realm="${'x'.repeat(5_000)}"`, headers: { Via: 'v'.repeat(999) } }),
    );
    expect(Math.max(...text.split(/["\n]/).map((part) => part.length))).toBe(200);
  });
});
