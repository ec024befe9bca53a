import type { Rows } from './row.js';

const registry = 'fetch/registry';
const scheme = 'schemes/asked-tokens';

/** The token authentication of container registries (Distribution, token authentication specification). */
export const registries: Rows = {
  '20.1': {
    about: 'the realm is asked with service and scopes, and with Basic',
    tests: {
      [registry]: [
        'is pulled from: the token server is asked once, and what follows is sent with its token',
        'has its token server asked for the service and each scope, its query kept',
        'shows a password to the token servers that are listed, and to no other',
      ],
    },
  },
  '20.2': {
    about: 'the realm is untrusted',
    tests: {
      [registry]: [
        'shows a password to the token servers that are listed, and to no other',
        'whose realm is %j is not asked, and its refusal delivered',
      ],
      [scheme]: ['keeps nothing for another origin that names the same realm'],
    },
    limit: 'The realm of a challenge is asked by your function, and only by it',
  },
  '20.3': {
    about: 'token or access_token, and how long it lives',
    tests: {
      [registry]: ['that answers with access_token is understood as well'],
      [scheme]: [
        'is kept for 60 s; then the function is asked for the same, before there is a challenge',
        'is kept as long as it says, where it is a JWT',
      ],
    },
    limit: '`expires_in` of a token server is not seen',
  },
  '20.4': {
    about: 'a granted token that is refused: one try',
    tests: {
      [registry]: [
        'that refuses a token for the scope it was asked for is asked no further: one token, two sendings',
      ],
      [scheme]: ['because it can too little is the end, and is asked for anew by the next call'],
    },
  },
  '20.5': {
    about: 'one token for each realm, service and scope',
    tests: {
      [scheme]: [
        'keeps what it returned for the realm, service and scope',
        'takes a scope for a set, and the actions in it',
      ],
      [registry]: ['gets another token for another repository, and for pushing'],
    },
  },
  '20.6': {
    about: 'the query of the realm is kept',
    tests: { [registry]: ['has its token server asked for the service and each scope, its query kept'] },
  },
  '20.7': {
    about: 'no token for the storage of blobs',
    tests: {
      [registry]: ['is pulled from: the token server is asked once, and what follows is sent with its token'],
    },
  },
};
