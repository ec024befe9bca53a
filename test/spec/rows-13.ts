import type { Rows } from './row.js';

const client = 'oauth/client-auth';
const signed = 'with private_key_jwt signs with a JWK of %s and its kid, a new assertion for each request';

/** JWTs that authenticate a client, and that are a grant: RFC 7523. */
export const assertions: Rows = {
  '13.1': {
    about: 'one client_assertion of its type; iss and sub are the client',
    tests: {
      [client]: ['with client_secret_jwt signs a short-lived assertion, a new one for each request', signed],
    },
  },
  '13.2': {
    about: 'aud is the server, exp is near, jti is new',
    tests: {
      [client]: [
        'with client_secret_jwt signs a short-lived assertion, a new one for each request',
        'names the token endpoint in assertions where no issuer is known',
      ],
    },
    limit:
      "The audience of a client assertion is the issuer identifier, or the token endpoint's URL where only that is given; it cannot be configured.",
  },
  '13.3': {
    about: 'a request that is repeated has another assertion',
    tests: {
      [client]: [signed],
      'oauth/live': ['gets a token with private_key_jwt, again and again'],
      'oauth/jwt-bearer': [
        'asks for the assertion anew at every request, and posts it with scope and target',
      ],
      'oauth/exchange-live': [
        'signs an assertion for every request, also after a refusal',
        'says invalid_grant to an assertion that is sent twice',
      ],
    },
  },
  '13.4': {
    about: 'the grant: its type and the assertion',
    tests: {
      'oauth/jwt-bearer': [
        'asks for the assertion anew at every request, and posts it with scope and target',
        'sends no assertion %j',
      ],
      'oauth/exchange-live': ['signs an assertion for every request, also after a refusal'],
    },
  },
};
