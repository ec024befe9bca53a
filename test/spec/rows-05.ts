import type { Rows } from './row.js';

const here = 'spec/05-token-endpoint';
const grant = 'oauth/provider';
const client = 'oauth/client-auth';
const answer = 'oauth/token-answer';

/** The token endpoint: RFC 6749, sections 2.3.1, 3.2, 5 and 6. */
export const tokenEndpoint: Rows = {
  '5.1': {
    about: 'a form, each parameter once, none in the URL, none empty',
    tests: {
      [grant]: [
        'posts a form as text, with nothing in the URL and every parameter once',
        'sends resource, audience and parameters again, never scope, and nothing that is empty',
      ],
    },
  },
  '5.2': {
    about: 'id and secret are form-encoded before Basic',
    tests: {
      [client]: ['with a secret form-encodes id and secret before Basic, and puts neither into the body'],
      'oauth/live': ['gets a token that works: %s'],
    },
  },
  '5.3': {
    about: 'one client authentication',
    tests: {
      [client]: [
        'takes one method only, and one it knows',
        'with client_secret_post puts both into the body and nothing into a header',
      ],
    },
  },
  '5.4': {
    about: 'a public client',
    tests: { [client]: ['without a secret sends client_id in the body and no Authorization'] },
  },
  '5.5': {
    about: 'only token types that are understood',
    tests: {
      [here]: ['is never sent: %j', 'is never sent as Bearer: one %s'],
      'protocol/token-set': ['matches the token_type %s case-insensitively'],
      [answer]: ['calls token_type "mac" with status 200 no token response, without its values'],
    },
    limit:
      'A token response without `token_type` is read as Bearer: refusing it would lose the refresh token that came with it.',
  },
  '5.6': {
    about: 'unknown members, and any expires_in',
    tests: {
      'protocol/token-set': ['reads expires_in %j', "keeps all unknown members of a token endpoint's JSON"],
      'races/13-windows': ['sets none beyond 24.8 days for %s'],
    },
  },
  '5.7': {
    about: 'the scope of the response',
    tests: { [here]: ['that says none is as it was', 'that says another replaces it'] },
  },
  '5.8': {
    about: 'the refresh request never asks for more scope',
    tests: {
      [grant]: ['sends resource, audience and parameters again, never scope, and nothing that is empty'],
    },
  },
  '5.9': {
    about: 'the rotated refresh token replaces the old one before anything is sent',
    tests: {
      'races/09-rotation': [
        'is replaced by the rotated one (exclusive store: %s)',
        'is kept where the response has %s',
      ],
      'races/07-saved-before-released': ['is saved before anybody is released'],
      'stores/async-storage-store': [
        'finds its session again after the app was killed between response and save, where the server lets it',
        'is cleanly signed out after the app was killed between response and save, where the server does not',
      ],
    },
  },
  '5.10': {
    about: 'one refresh in flight',
    tests: {
      'races/01-single-flight': ['refreshes once for N requests that meet 401 together, and replays all N'],
      'oauth/session': [
        'refreshes once for a hundred refused requests, and the rotated token works the next time',
      ],
    },
  },
  '5.11': {
    about: 'across contexts: a turn, and reading the store again',
    tests: {
      'races/01-single-flight': ['sends one token request for the contexts that share an exclusive store'],
      'races/10-invalid-grant': ['ends nothing where the store holds another refresh token: that is adopted'],
      'races/10-lost-response': [
        'and then invalid_grant: the store is read again before the session is given up (exclusive: %s)',
      ],
      'stores/file-processes': [
        'shares one sign-in among 8 processes that are killed and stopped, %s: no refresh token is spent twice but for that',
      ],
    },
  },
  '5.12': {
    about: 'what each error code means',
    tests: {
      [answer]: [
        'rejects invalid_grant for good, with status %i',
        'calls %s with status %i a misconfiguration, which signs nobody out',
      ],
      'races/10-invalid-grant': ['ends the session on %s, and leaves a tombstone without tokens'],
    },
  },
  '5.13': {
    about: 'a failure is no sign-out',
    tests: {
      'races/11-failures': ['of the refresh never signs anybody out: %s'],
      'races/11-cooldown': ['honours Retry-After: %s'],
    },
  },
  '5.14': {
    about: 'the token endpoint is outside the corridor',
    tests: {
      [here]: ['with a challenge of its own is a misconfigured client: no recursion, nobody signed out'],
      'races/05-plain-refresh': ['has a 401 of its own plain call delivered, and answered by no refresh'],
    },
  },
  '5.15': {
    about: 'error texts are not trusted, and an error may come with 200',
    tests: {
      [answer]: [
        'shows of a server’s text only what is printable, at most 200 characters, without a secret',
        'rejects invalid_grant for good, with status %i',
      ],
      'session/classify': ['takes {"error":"%s"} for that error (%s)'],
    },
  },
  '5.16': {
    about: 'no cache, no redirects',
    tests: {
      [grant]: ['follows no redirect, sends no cookie and gives the signal to fetch'],
      'oauth/live': ['follows no redirect of a real server'],
      [here]: ['is asked for anew each time, by POST'],
    },
  },
  '5.17': {
    about: 'an abort frees one caller and not the others',
    tests: {
      'races/03-abort': [
        'frees a refused call at once with its own reason, and never the others',
        'leaves a flight that commits although nobody waits any more',
      ],
    },
  },
  '5.18': {
    about: 'a failure is shared, and not for ever',
    tests: {
      'races/11-failures': ['of the refresh never signs anybody out: %s'],
      'races/11-cooldown': ['is jittered, grows with every failure, and stays between 1 and 60 s'],
    },
  },
};
