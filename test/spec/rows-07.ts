import type { Rows } from './row.js';

const races = 'races/24-step-up';

/** RFC 9470: a stronger or newer authentication. */
export const stepUp: Rows = {
  '7.1': {
    about: 'a new authorization with acr_values and max_age, never a refresh',
    tests: {
      'races/24-forbidden': ['is delivered and refreshes nothing: %s'],
      [races]: ['tells the needs apart, on a 401 as on a 403: %s'],
    },
  },
  '7.2': {
    about: 'max_age is a non-negative integer, or ignored',
    tests: { 'protocol/step-up': ['reads acr_values and max_age (RFC 9470, section 3)'] },
  },
  '7.3': {
    about: 'a scope beside it is combined',
    tests: { 'protocol/step-up': ['keeps a scope that is asked for besides in the challenge'] },
  },
  '7.4': {
    about: 'the app is handed it, and is not asked for ever',
    tests: {
      [races]: [
        'is asked for the same again only after a minute',
        'ends where what it brought is refused again: once a call, and the same scope twice is the end',
      ],
      'session/step-up-tries': ['doubles the pause for the same from a minute to an hour'],
    },
  },
  '7.5': {
    about: 'tokens are opaque: the challenge alone decides',
    tests: { [races]: ['looks into no token: the challenge alone says what is needed'] },
  },
  '7.6': {
    about: 'the old token is kept',
    limit: "What a step-up brings replaces the session's tokens: none are kept for one call alone.",
  },
  '7.7': {
    about: 'only configured resources may cause a prompt',
    tests: { [races]: ['is not asked for an origin that may see no credentials'] },
  },
};
