import type { Rows } from './row.js';

const here = 'oauth/revocation';

/** Revocation: RFC 7009. */
export const revocations: Rows = {
  '15.1': {
    about: 'a token and its hint, with client authentication; 200 whatever it was',
    tests: {
      [here]: [
        'revokes the refresh token first, then the access token, each with its hint',
        'is content with a 200 with a body and still revokes the other token',
      ],
      'oauth/live': ['ends the grant: neither token works again, and a second time is no error'],
    },
  },
  '15.2': {
    about: 'after a 503 the token still lives',
    tests: { [here]: ['is content with a busy server and still revokes the other token'] },
    limit: 'A revocation that a busy server did not take is not repeated: its tokens live until they expire.',
  },
  '15.3': {
    about: 'unsupported_token_type is no failure, and local tokens are gone in every case',
    tests: {
      [here]: [
        'is content with a kind of token it does not revoke and still revokes the other token',
        'leaves nobody signed in for %s',
      ],
      'oauth/session': ['revokes at sign-out: neither token is worth anything afterwards'],
    },
  },
  '15.4': {
    about: 'the refresh token first',
    tests: { [here]: ['revokes the refresh token first, then the access token, each with its hint'] },
  },
};
