import type { Rows } from './row.js';

const races = 'races/24-step-up';

/** Claims challenges, as Microsoft's services send them. */
export const claims: Rows = {
  '19.1': {
    about: 'a Bearer challenge with claims, whatever its error',
    tests: {
      'races/24-forbidden': ['is delivered and refreshes nothing: %s'],
      'protocol/step-up': ['decodes claims: %s', 'reads no claims in %s, and keeps the need'],
    },
  },
  '19.2': {
    about: 'base64 or base64url with JSON in it, or the 401 is handed back',
    tests: {
      'protocol/step-up': ['decodes claims: %s', 'reads no claims in %s, and keeps the need'],
      [races]: ['is not asked for claims that nobody can read'],
    },
  },
  '19.3': {
    about: 'a new token is asked for with the claims, past every cache',
    tests: { [races]: ['may post the refresh token with the claims: its turn is kept for five seconds'] },
    limit: 'What a client can do (`xms_cc`) is yours to merge into the claims.',
  },
  '19.4': {
    about: 'once, and not where two of them contradict each other',
    tests: {
      [races]: [
        'ends where what it brought is refused again: once a call, and the same scope twice is the end',
      ],
    },
    limit: 'Of several challenges that ask for more, the first is heard.',
  },
  '19.5': {
    about: 'authorization_uri is untrusted',
    limit: '`authorization_uri` of a challenge is never asked.',
  },
  '19.6': {
    about: 'unquoted URLs, parameters separated by blanks',
    tests: { 'protocol/challenge': ['reads unquoted URLs and parameters that blanks separate (19.6)'] },
  },
};
