import type { Rows } from './row.js';

const request = 'oauth/authorization-request';
const code = 'oauth/authorization-code';
const live = 'oauth/flows-live';

/** Security of sign-ins and tokens: RFC 9700. */
export const security: Rows = {
  '10.1': {
    about: 'PKCE with S256 for every code; neither implicit nor password grants',
    tests: {
      [request]: [
        'asks for a code with PKCE, state and what the provider wants, and for nothing twice',
        'refuses a server that lists PKCE methods without S256',
      ],
      [live]: ['signs in with PKCE, state, iss and nonce: the token works, is refreshed, and is revoked'],
    },
  },
  '10.2': {
    about: 'a rotated refresh token that is used twice ends the grant, once',
    tests: {
      'oauth/live': ['rotates, and is rejected with a token that was used before; the family is revoked'],
      'oauth/session': ['settles everybody with one token request when the provider has ended the grant'],
    },
  },
  '10.3': {
    about: 'tokens for one audience and the scope that was asked for',
    tests: {
      'oauth/provider': [
        'sends resource, audience and parameters again, never scope, and nothing that is empty',
      ],
      [code]: ['redeems the code with verifier, redirect URI and target, and signs in with the answer'],
    },
  },
  '10.4': {
    about: 'no tokens in queries, and none where a redirect leads',
    tests: {
      'oauth/provider': [
        'posts a form as text, with nothing in the URL and every parameter once',
        'follows no redirect, sends no cookie and gives the signal to fetch',
      ],
      'oauth/live': ['follows no redirect of a real server'],
      [code]: ['fails with a redirect, without the code in the error'],
    },
  },
  '10.5': {
    about: 'an answer of another server is told from the one that was asked',
    tests: {
      [code]: [
        'refuses a callback with another issuer, and redeems nothing',
        'refuses a transaction with another issuer, and asks nobody',
      ],
    },
    limit: 'With several servers, use issuers.',
  },
  '10.6': {
    about: 'endpoints of one metadata document, fit to be used',
    tests: {
      [live]: ['discovers once for both halves'],
      [request]: ['opens no authorization_endpoint %j'],
      'oauth/device-authorization': [
        'hands a busy server to the session, and fails where there is no endpoint',
      ],
    },
  },
  '10.7': {
    about: 'clients that authenticate with a key of their own',
    tests: { 'oauth/live': ['gets a token with private_key_jwt, again and again'] },
  },
  '10.8': {
    about: 'no token, secret, proof or code in what is logged',
    tests: {
      'oauth/provider': ['is frozen and shows its client id only'],
      [code]: [
        'fails with %s, without the code in the error',
        'repeats neither code nor verifier that the server repeats',
        'shows of the server’s text only what is printable, and no secret',
      ],
      'oauth/jwt-bearer': ['says %s without the assertion'],
      'oauth/token-exchange': ['lets the refusal stand where the session has no other token'],
    },
  },
};
