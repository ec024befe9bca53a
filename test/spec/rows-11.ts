import type { Rows } from './row.js';

const code = 'oauth/authorization-code';

/** The issuer of an authorization response: RFC 9207. */
export const issuerIdentification: Rows = {
  '11.1': {
    about: 'iss is compared as it is, before code and error are believed or shown',
    tests: {
      [code]: [
        'refuses a callback with another issuer, and redeems nothing',
        'refuses a callback with an empty issuer, and redeems nothing',
        'refuses a callback with its issuer with a slash, and redeems nothing',
        'refuses a callback with two issuers, and redeems nothing',
        'shows nothing of an error whose issuer is another',
      ],
      'oauth/flows-live': [
        'signs in with PKCE, state, iss and nonce: the token works, is refreshed, and is revoked',
      ],
    },
  },
  '11.2': {
    about: 'who promises iss must send it',
    tests: { [code]: ['needs iss from a server that promises it'] },
  },
  '11.3': {
    about: 'an iss that was not promised',
    tests: { [code]: ['does without iss from a server that does not promise it'] },
    limit:
      "An `iss` that a server sends without announcing it is accepted where it is the issuer's, and refused where it is not.",
  },
};
