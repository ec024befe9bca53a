import type { Rows } from './row.js';

const exchange = 'oauth/token-exchange';
const live = 'oauth/exchange-live';

/** Token exchange: RFC 8693. */
export const tokenExchange: Rows = {
  '14.1': {
    about: 'the grant type, a subject token and its type; no actor token',
    tests: {
      [exchange]: [
        'posts the subject token, its type, scope and target',
        'says another subject_token_type where the parameters have one',
        'exchanges no subject token %j',
      ],
      [live]: ['exchanges once for all who call, and again for a refused token'],
    },
  },
  '14.2': {
    about: 'what is issued must be usable as an access token',
    tests: {
      [exchange]: [
        'uses nothing that is no access token: token_type %j',
        'uses nothing that is no access token: issued_token_type %j',
      ],
    },
  },
  '14.3': {
    about: 'after a 401 the subject token is exchanged again',
    tests: {
      [exchange]: ['exchanges anew for a refused token, with the subject’s token of that time'],
      [live]: [
        'exchanges once for all who call, and again for a refused token',
        'gets over a subject token that has ended: one refresh, one more exchange',
      ],
    },
  },
};
