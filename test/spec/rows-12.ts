import type { Rows } from './row.js';

/** Resource indicators: RFC 8707. */
export const resourceIndicators: Rows = {
  '12.1': {
    about: 'an absolute URI without a fragment',
    tests: {
      'oauth/provider': [
        'takes no resource that is relative or has a fragment, and no parameter that has its own place',
      ],
    },
    limit: 'One `resource` is asked for, not several.',
  },
  '12.2': {
    about: 'the same resource in authorization, token and refresh requests',
    tests: {
      'oauth/authorization-request': [
        'asks for a code with PKCE, state and what the provider wants, and for nothing twice',
      ],
      'oauth/authorization-code': [
        'redeems the code with verifier, redirect URI and target, and signs in with the answer',
      ],
      'oauth/provider': [
        'sends resource, audience and parameters again, never scope, and nothing that is empty',
      ],
      'oauth/device-authorization': [
        'asks for scope and target, authenticates, and says the grant and the code',
      ],
      'oauth/token-exchange': ['posts the subject token, its type, scope and target'],
    },
  },
  '12.3': {
    about: 'invalid_target is no reason to ask without it',
    tests: { 'oauth/exchange-live': ['is misconfigured with an audience that the server does not serve'] },
    limit:
      "A server's `invalid_target` is a `RefreshMisconfiguredError`; nothing is asked for without it instead.",
  },
  '12.4': {
    about: 'a token is for the target it was obtained for',
    tests: {
      'session/derive': ['keeps its access token in memory and only the rotated refresh token in the store'],
    },
    limit:
      "A session's tokens are of one issuer, client and target: another resource has its own by `session.derive()`, or by a session, and a place in a store, of its own.",
  },
};
