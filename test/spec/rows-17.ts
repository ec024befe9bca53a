import type { Rows } from './row.js';

const code = 'oauth/authorization-code';

/** Proof key for code exchange: RFC 7636. */
export const proofKey: Rows = {
  '17.1': {
    about: 'a verifier of 256 bits, new each time, and its S256 challenge',
    tests: {
      'oauth/pkce': [
        'is that of RFC 7636, appendix B',
        'is what the platform’s SHA-256 gives, in base64url without padding',
        'is 43 unreserved characters of 256 bits, never twice the same',
      ],
      'oauth/authorization-request': [
        'makes verifier, state and nonce anew each time, of 256 bits and unreserved characters',
        'says what to install where there is no secure randomness',
      ],
    },
  },
  '17.2': {
    about: 'the verifier belongs to one state, issuer and redirect URI, and is used once',
    tests: {
      [code]: [
        'refuses a transaction with another issuer, and asks nobody',
        'refuses a transaction with another redirect URI, and asks nobody',
        'refuses a callback with another state, and redeems nothing',
        'uses a transaction once, also by two calls at the same time',
        'uses a transaction once in the whole context, whatever flow it is given to',
      ],
    },
  },
};
