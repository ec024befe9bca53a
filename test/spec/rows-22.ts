import type { Rows } from './row.js';

const matrix = 'spec/22-status-matrix';

/** Which status may trigger what, line by line; the last is the bound of a call. */
export const statuses: Rows = {
  '22.1': {
    about: '401 Bearer, no token sent',
    tests: {
      [matrix]: [
        'attaches a token where none was sent, once',
        'attaches nothing to a call that began before somebody signed in',
      ],
    },
  },
  '22.2': {
    about: '401 Bearer, a token sent',
    tests: {
      [matrix]: [
        'Bearer without an error, a token sent',
        'Bearer invalid_token',
        'one refresh and one replay: %s',
      ],
      'races/02-late-401': ['is replayed with the new token and refreshes nothing'],
    },
  },
  '22.3': {
    about: '401 insufficient_user_authentication',
    tests: { [matrix]: ['insufficient_user_authentication'] },
  },
  '22.4': { about: '401 with claims', tests: { [matrix]: ['claims'] } },
  '22.5': {
    about: '401 with a DPoP nonce',
    tests: {
      [matrix]: ['a DPoP nonce'],
      'spec/06-dpop': ['is answered once with that nonce and refreshes nothing'],
    },
  },
  '22.6': {
    about: '401 that refuses a DPoP proof',
    tests: {
      [matrix]: ['a DPoP proof'],
      'spec/06-dpop': ['is proved anew once where the proof was invalid'],
    },
  },
  '22.7': {
    about: '401 with a stale Digest nonce',
    tests: {
      [matrix]: ['a stale Digest'],
      'schemes/digest/digest': [
        'retries a stale nonce with the new one, in the same call and without asking anybody (3.20)',
        'leaves a server alone that finds every nonce stale, sent ahead: %s (3.20)',
      ],
    },
  },
  '22.8': {
    about: '401 after the same password',
    tests: {
      [matrix]: [
        'hands Basic back after the same credentials, sent once',
        'hands Basic back after the same credentials from a provider, sent once',
      ],
      'schemes/digest/digest': [
        'takes an answer that is refused without stale for a wrong password, and sends it no more',
      ],
    },
  },
  '22.9': {
    about: '401 of a registry',
    tests: {
      [matrix]: ['the token server of a registry'],
      'fetch/registry': [
        'is pulled from: the token server is asked once, and what follows is sent with its token',
        'that no longer takes a token is given another: the function is told which was refused',
      ],
    },
  },
  '22.10': {
    about: '401 with nothing readable',
    tests: { [matrix]: ['no field', 'a field that cannot be read'] },
  },
  '22.11': {
    about: '403 insufficient_scope',
    tests: { [matrix]: ['insufficient_scope on 403'] },
  },
  '22.12': {
    about: '403 otherwise',
    tests: { [matrix]: ['invalid_token on 403', '403 without a field'] },
  },
  '22.13': {
    about: '400',
    tests: { [matrix]: ['Bearer invalid_request', 'a DPoP nonce on 400'] },
  },
  '22.14': {
    about: '407',
    tests: { [matrix]: ['a proxy that asks', 'a proxy with the field of a server'] },
  },
  '22.15': {
    about: 'private statuses, only where configured',
    tests: { [matrix]: ['419', '440', '498', '%i refuses where it is configured to'] },
  },
  '22.16': {
    about: 'the bound of a call',
    tests: {
      [matrix]: ['holds for a server that changes its challenge for ever'],
      'protocol/decide': ['sends at most 4n + 1 times, whatever the schemes offer'],
      'fetch/schemes': ['stop at the bound whatever the schemes say'],
    },
  },
};
