import type { Cause } from './causes.js';
import type { Seen } from './seen.js';
import { schemeName, shown } from './shown.js';

/** What happened, to be read after a colon, and what to try next. */
export interface Words {
  readonly what: string;
  readonly next: string;
}

type Text = string | ((seen: Seen) => string);

const SCOPE_NEXT: Text = ({ challenges }) => {
  const scope = challenges.find(({ params }) => params['scope'])?.params['scope'];
  const asked = scope === undefined ? 'the scope that the API wants' : `the scope "${shown(scope)}"`;
  return `ask the user or the authorization server for ${asked} (the session's \`stepUp\`); a refresh cannot widen a scope`;
};

const COOKIE_NEXT: Text = ({ isCors }) =>
  isCors
    ? "the cookie's SameSite and Secure, third-party cookies in this browser, and on the server `Access-Control-Allow-Credentials: true` with the origin by name"
    : "whether the request carries the cookie at all: its Domain, Path and SameSite, and fetch's `credentials`";

const WORDS: Readonly<Record<Cause, readonly [what: Text, next: Text]>> = {
  'signed-out': ['nobody is signed in', 'sign in, then repeat the request'],
  'session-ended': [
    'the sign-in that the request began with is over',
    'repeat the request in the sign-in of now, or sign in',
  ],
  rejected: [
    'the refresh was rejected, and the session is over',
    'sign in again; if this comes often: who else uses the refresh token (another tab, device or process without a shared store), and how long the server lets it live',
  ],
  'ran-out': [
    'the access token has run out, and nothing could renew it',
    'sign in again; for sessions that last: a refresh token, and `refresh`',
  ],
  'no-refresh-token': [
    'there is nothing to renew the access token with',
    "sign in again; for sessions that last: a refresh token (often the scope `offline_access`) and the session's `refresh`, or `acquire`",
  ],
  'no-credentials': [
    'the scheme was asked for credentials and had none',
    'give the scheme credentials for this realm: its function returned none, or a prompt was dismissed',
  ],
  'one-shot': [
    'the body could be sent only once',
    'repeat the request; a stream below `maxReplayBytes`, or a Blob, text or bytes, is sent again by itself',
  ],
  'refresh-limit': [
    'unexpired tokens are refused again and again',
    'find out why the API refuses tokens that are not expired; another refresh may begin in a minute',
  ],
  redirected: [
    'the request was redirected, and its method is not sent twice',
    'send it to the URL that the redirect names',
  ],
  'read-only': [
    'the store cannot be written, so the session does not refresh',
    'refresh where the store can be written, or give it a `write`',
  ],
  'other-origin': [
    'another origin refused it, after a redirect',
    'look at the redirect: credentials go only to `origins`, and add this one only if it may see them',
  ],
  'insufficient-scope': ['the token is good, but its scope does not allow this', SCOPE_NEXT],
  'insufficient-authentication': [
    'the token is good, but the API wants a stronger or newer sign-in',
    "let the user authenticate again with what is asked for (the session's `stepUp`; RFC 9470)",
  ],
  'insufficient-claims': [
    'the API wants a token with other claims',
    "get a token with the claims of the challenge (the session's `stepUp`): the sign-in policy changed, or asks for more",
  ],
  'clock-skew': [
    "the clocks differ: by the one here the token or proof is good, by the server's it may not be",
    'set the clock that is wrong (NTP), or let the server allow for some difference',
  ],
  expired: [
    'the access token has expired',
    ({ outcome }) =>
      /^(?:refused-|not-|$)/.test(outcome?.reason ?? '') ? 'renew the token: refresh, or sign in again' : '',
  ],
  'expired-there': [
    'the server calls the token expired, and by the clock here it is not',
    'compare the `exp` of the token with the `expires_in` that came with it, and the clocks of the API and the authorization server',
  ],
  'wrong-audience': [
    'the token is not for this API: wrong audience, issuer or scope',
    'compare the aud, iss and scope of the token with what the API expects; ask for the token with its `audience` or `resource`',
  ],
  'token-refused': [
    'the API does not take the token',
    "look into the API's log: revoked, signed with a key it does not know, or for another audience, issuer or environment",
  ],
  'dpop-nonce': [
    'the server wants a DPoP proof with its nonce, and none that it took was sent',
    'expose `DPoP-Nonce` and `WWW-Authenticate` (Access-Control-Expose-Headers), and see that the server takes the nonce it gave',
  ],
  'dpop-proof': [
    'the server does not take the DPoP proof',
    'compare the URL and method as the server sees them (a proxy may change them), its clock, and the algorithms it takes',
  ],
  'invalid-request': [
    'the server calls the request malformed',
    'send the token once and in one way only: not in a header and in the query or body as well',
  ],
  'credentials-wrong': [
    ({ last, challenges }) =>
      `${subject(last?.scheme ?? challenges[0]?.scheme)} wrong, or unknown to this server`,
    'check the credentials, and that they belong to this realm and environment',
  ],
  'other-scheme': [
    ({ challenges, facts }) =>
      `the server asks for ${namesOf(challenges.map(({ scheme }) => scheme))}, and the request can only answer ${namesOf(facts?.schemes ?? [])}`,
    'give `auth` a scheme that the server asks for',
  ],
  'nothing-sent': [
    'the server saw no credentials that it understands',
    'send credentials: whether the URL is inside `origins`, the call has no `auth: false`, and no proxy takes Authorization away',
  ],
  'cookie-not-sent': ['the cookie was not sent, or the server no longer knows it', COOKIE_NEXT],
  'csrf-missing': [
    'the header against request forgery is missing: its function returned nothing',
    'let `csrf.token` find its value: the cookie may have another name, or not be readable by scripts',
  ],
  'hidden-challenge': [
    'the browser shows no challenge: the server does not expose it, or sent none',
    'on the server: `Access-Control-Expose-Headers: WWW-Authenticate` (and `Date`)',
  ],
  'no-challenge': [
    'the answer has no challenge, which RFC 9110 demands: a gateway or hand-written code gave it',
    ({ servers }) =>
      `find out who answered: a gateway, proxy or firewall before the API${servers === '' ? '' : ` (${servers})`}`,
  ],
  forbidden: [
    'the server understood the request and refuses it',
    'give the user or client the right: a fresh token would change nothing; with cookies, see whether a header against request forgery is missing',
  ],
  proxy: [
    'a proxy on the way wants credentials',
    'give the platform the credentials of the proxy: latchkey answers servers, not proxies',
  ],
  opaque: [
    'the page may not see this response',
    "send the request without `mode: 'no-cors'` and let the server allow the origin",
  ],
  'not-refused': [
    'it asks for no credentials',
    'look at the response itself: authentication is not what went wrong',
  ],
};

/** Both texts of a cause, for what was seen. */
export function wordsOf(cause: Cause, seen: Seen): Words {
  const [what, next] = WORDS[cause].map((text) => (typeof text === 'string' ? text : text(seen)));
  return { what: what as string, next: next as string };
}

/** Scheme names in a row, each once. */
function namesOf(schemes: readonly string[]): string {
  return [...new Set(schemes.map(schemeName))].slice(0, 5).join(' or ');
}

function subject(scheme: string | undefined): string {
  if (scheme === 'basic' || scheme === 'digest') return 'the user name or password is';
  return scheme === 'api-key' ? 'the API key is' : 'the credentials are';
}
