import type { Rows } from './row.js';

const matrix = 'spec/22-status-matrix';
const here = 'spec/04-bearer';

/** The auth-scheme "Bearer": RFC 6750. */
export const bearer: Rows = {
  '4.1': {
    about: 'the Authorization field, and no token that breaks out of it',
    tests: {
      [here]: [
        'stands in one place of the request: the Authorization field',
        'may be written with what token68 has not, as servers do, and never with a blank or a line end',
      ],
      'schemes/bearer': [
        'refuses a token of the session or the function that no header can carry, without naming it',
      ],
    },
    limit:
      'A bearer token may hold any visible ASCII character, although RFC 6750 names only those of token68: servers in wide use issue others.',
  },
  '4.2': {
    about: 'the token in one place, and not in the query',
    tests: { [here]: ['stands in one place of the request: the Authorization field'] },
  },
  '4.3': {
    about: 'errors are read from the own challenge only',
    tests: {
      'fetch/spec': [
        'reads error from the Bearer challenge only: a decoy in another changes nothing (RFC 6750, section 3)',
      ],
      'protocol/step-up': ['reads another scheme for nothing (RFC 6750, section 3.1)'],
    },
  },
  '4.4': { about: 'invalid_token: one new token, one replay', tests: { [matrix]: ['Bearer invalid_token'] } },
  '4.5': {
    about: 'insufficient_scope: no refresh',
    tests: { [matrix]: ['insufficient_scope on 401', 'insufficient_scope on 403'] },
  },
  '4.6': { about: 'invalid_request: no refresh', tests: { [matrix]: ['Bearer invalid_request'] } },
  '4.7': {
    about: 'a challenge without error',
    tests: {
      [matrix]: ['Bearer without an error, a token sent', 'attaches a token where none was sent, once'],
      'schemes/bearer': ['answers where nothing was sent, and replaces what was refused'],
    },
  },
  '4.8': {
    about: 'error texts are for developers',
    tests: {
      [here]: ['is told without control characters, and its URI is not followed'],
      'fetch/auth-fetch': ['tells what happens, without query, token or other secrets'],
    },
  },
  '4.9': {
    about: 'scopes are a set',
    tests: { [here]: ['may be in any order, and twice: %j', 'are handed to the caller whole, however long'] },
  },
  '4.10': {
    about: 'TLS, and only the origins the token is for',
    tests: {
      'races/20-origins': ['not to %j', 'refuses %s at creation, and takes it from allowInsecure'],
      'fetch/redirect': ['delivers a 401 of another origin, and sends nothing more there'],
    },
  },
  '4.11': {
    about: 'a late 401 is replayed with the token there is',
    tests: { 'races/02-late-401': ['is replayed with the new token and refreshes nothing'] },
  },
};
