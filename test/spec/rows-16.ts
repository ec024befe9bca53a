import type { Rows } from './row.js';

const here = 'oauth/device-authorization';

/** The device grant: RFC 8628. */
export const deviceGrant: Rows = {
  '16.1': {
    about: 'an interval of 5 s where none is said, and never less than it between questions',
    tests: {
      [here]: ['asks every 5 s where the server names no interval', 'asks with an interval of %j at %j'],
      'oauth/flows-live': ['signs in once the user has confirmed, and the refresh token works'],
    },
  },
  '16.2': {
    about: 'slow_down adds 5 s for good, authorization_pending goes on, everything else stops',
    tests: {
      [here]: [
        'adds 5 s at every slow_down, for good',
        'stops at %s, and says so',
        'stops at every other error',
      ],
    },
  },
  '16.3': {
    about: 'a timeout of the connection slows down',
    tests: {
      [here]: [
        'doubles the pause at a network failure until an answer comes',

        'never pauses for more than a minute because of failures',
        'takes a question that is not answered within 10 s for a failure',
      ],
    },
  },
  '16.4': {
    about: 'it ends with the code, with the user’s no, and with an abort; the complete URI is optional',
    tests: {
      [here]: [
        'stops at access_denied, and says so',
        'stops at expired_token, and says so',
        'stops when the code has run out, with the server silent about it',
        'stops at once when its signal aborts after %i ms, and leaves no timer',
        'shows no verification_uri_complete %j',
      ],
      'oauth/flows-live': ['says that the user has declined'],
    },
  },
};
