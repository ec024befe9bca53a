import type { Rows } from './row.js';

const here = 'oauth/discovery';
const resource = 'oauth/discover';

/** Authorization server metadata: RFC 8414 and OpenID Connect Discovery 1.0. */
export const serverMetadata: Rows = {
  '9.1': {
    about: 'the well-known path stands before the issuer’s, whose last slash goes',
    tests: { [here]: ['inserts the well-known path before the path of the issuer, without its last slash'] },
  },
  '9.2': {
    about: 'the document names the issuer that was asked for',
    tests: {
      [here]: [
        'uses no metadata whose issuer differs by %s',
        'uses no metadata whose issuer differs by a trailing slash',
      ],
      [resource]: ['refuses a server that calls itself something else'],
      'oauth/live': ['refuses it under a name it does not give itself'],
    },
  },
  '9.3': {
    about: 'https, no query and fragment; 200 and JSON',
    tests: {
      'oauth/provider': [
        'takes neither issuer nor endpoints from %j',
        'takes no issuer with a query, but a token endpoint with one',
      ],
      [resource]: ['asks no authorization server at http', 'asks no authorization server at a query'],
    },
  },
  '9.4': {
    about: 'issuers are compared as they are written',
    tests: {
      [here]: [
        'uses no metadata whose issuer differs by another case',
        'uses no metadata whose issuer differs by the default port written out',
        'uses no metadata whose issuer differs by a percent-encoded letter',
      ],
      [resource]: ['uses only the allowed issuers, letter by letter, whatever the resource says'],
    },
  },
  '9.5': {
    about: 'OpenID’s place comes after RFC 8414’s, with the same check',
    tests: { [here]: ['falls back to the OpenID path, appended, with the same check'] },
  },
  '9.6': {
    about: 'no credentials; bounds of size, time and keeping; below the corridor',
    tests: {
      [here]: [
        'is asked without credentials, cookies, redirects or an Authorization header',
        'reads no more than 64 KiB, announced or not',
        'gives up after 5 s, ends the request and tries again at the next call',
        'happens once for everything made from a provider',
      ],
      'oauth/provider': ['prefers the fetch of its options, and goes below a corridor'],
    },
  },
};
