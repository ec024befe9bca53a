import type { Rows } from './row.js';

const here = 'spec/06-dpop';
const key = 'schemes/dpop/dpop-key';
const scheme = 'schemes/dpop/dpop';
const token = 'oauth/dpop';
const live = 'oauth/dpop-live';

/** Proof of possession: RFC 9449. The server of these tests checks every proof as section 4.3 says. */
export const dpop: Rows = {
  '6.1': {
    about: 'the header of a proof, with the public key only',
    tests: {
      [key]: [
        'proves with a key for %s',
        'proves with a pair for %s',
        'refuses what can sign no proof, at once',
        'takes alg, use, key_ops, kid and ext as keys of servers have them, and shows none of them',
      ],
    },
  },
  '6.2': {
    about: 'the claims of a proof, and one proof a request',
    tests: {
      [here]: [
        'is sent with the auth-scheme DPoP and one proof, whatever the caller sets (RFC 9449, section 7.1)',
        'is proved anew for every sending: a jti is never used twice',
      ],
      'schemes/dpop/redirects': ['proves every hop for its own URL and method'],
    },
  },
  '6.3': {
    about: 'htu is the target URI, normalized, without query and fragment',
    tests: {
      'schemes/dpop/htu': [
        'of %s is the URI that is sent, without query and fragment',
        'is what fetch makes of the URL, whatever it holds',
      ],
      [here]: ['is proved for its method and URI: %s %s'],
    },
  },
  '6.4': {
    about: 'ath with an access token, none at the token endpoint',
    tests: {
      [here]: [
        'is sent with the auth-scheme DPoP and one proof, whatever the caller sets (RFC 9449, section 7.1)',
      ],
      [token]: [
        'is proved for POST at the token endpoint without its query, and without "ath" (RFC 9449, section 5)',
      ],
      [live]: ['sends with one nonce retry, then with none'],
    },
  },
  '6.5': {
    about: 'a DPoP token is sent as DPoP',
    tests: {
      [here]: ['is handed back where %s asks: never sent as Bearer, never to a proxy'],
      [scheme]: [
        'cannot send in another scheme: bearer refuses its token',
        'never sends a token that is bound to no key: a type it was not told of is Bearer',
      ],
      [live]: ['is never sent as Bearer'],
    },
    limit:
      'A Bearer challenge is not answered with a DPoP token: no token is sent in another way than it was issued for.',
  },
  '6.6': {
    about: 'a response of another token type is discarded',
    tests: {
      [token]: [
        'are discarded with token_type %j, with a clear error and without their values (RFC 9449, section 5)',
        'are taken with token_type %j',
      ],
    },
  },
  '6.7': {
    about: 'use_dpop_nonce, at either server: once more with that nonce, no refresh',
    tests: {
      [here]: ['is answered once with that nonce and refreshes nothing'],
      [token]: ['answers use_dpop_nonce of a %i once, with the same refresh token, and keeps the nonce'],
      [live]: [
        'sends with one nonce retry, then with none',
        'answers a nonce that the API changed without a token request, once a request',
      ],
      'races/01-single-flight-dpop': [
        'that meet use_dpop_nonce together are each sent once more, and none refreshes',
        'are each answered with the nonce of their own refusal, where a server takes every nonce once',
        'that meet a nonce that changes under way are each sent once more',
      ],
      'races/02-late-401-dpop': [
        'for a nonce is answered with the token that is held by then, and refreshes nothing',
      ],
    },
  },
  '6.8': {
    about: 'a nonce error spends no refresh token',
    tests: {
      [token]: ['answers use_dpop_nonce of a %i once, with the same refresh token, and keeps the nonce'],
      [live]: [
        'refreshes with the same key and one nonce retry that spends no refresh token, then with none',
      ],
    },
  },
  '6.9': {
    about: 'a nonce of any response is used from then on',
    tests: {
      [here]: [
        'of a %i is used from the next request on',
        'is learned where nobody is signed in',
        'of 400 or 403 is handed back, and its nonce is kept',
      ],
      'schemes/dpop/redirects': ['proves with a nonce of its own at another origin that may see the token'],
      [token]: ['hands a busy server to the session, and learns its nonce'],
    },
  },
  '6.10': {
    about: 'nonces are kept by server',
    tests: {
      [here]: ['goes to the server that supplied it, and to no other'],
      'schemes/dpop/nonces': ['keeps the last nonce of each origin, apart from every other'],
      'schemes/dpop/redirects': [
        'keeps a nonce of a platform that followed by itself for the server that supplied it',
      ],
    },
    limit: "A nonce of more than 1,024 characters counts as none, and 100 servers' nonces are remembered.",
  },
  '6.11': {
    about: 'no loop of nonces',
    tests: {
      [here]: [
        'is answered once, also by a server that always wants another; the last one is for the next call',
        'is handed back where it comes with %s',
        'is sent a bounded number of times, whatever the server says',
        'causes no crash, no loop, and no request to another place, whatever its fields hold',
      ],
      [token]: ['is not repeated by a server that always wants another nonce; the last is for the next'],
    },
  },
  '6.12': {
    about: 'a refresh is proved with the same key, which lives as long',
    tests: {
      [live]: [
        'refreshes with the same key and one nonce retry that spends no refresh token, then with none',
        'keeps the session across a reload, and ends it where the key is gone',
        'ends the session where the key is another than the tokens are bound to',
      ],
      'schemes/dpop/kept': [
        'keeps the key across reloads; another name is another key',
        'keeps a private key that cannot be read out',
        'agrees on one key where two tabs make one at once',
      ],
      [token]: ['at a refresh after the old one was lost is %s: no loop'],
    },
  },
  '6.13': {
    about: 'algorithms that the server takes, and parameters nobody knows',
    tests: {
      [here]: [
        'is given up where the server takes other algorithms than the key has: %s',
        'is replaced once by a refresh where the server says parameters nobody knows',
      ],
      [token]: ['is misconfigured where the metadata name other algorithms, and nothing is posted'],
    },
    limit: 'Ed25519 keys sign as `Ed25519` (RFC 9864): a server that lists only `EdDSA` is given up.',
  },
  '6.14': {
    about: 'invalid_dpop_proof: one more proof; invalid_token: one more token',
    tests: {
      [here]: [
        'is proved anew once where the proof was invalid',
        'is replaced once by a refresh where the server says %s',
      ],
    },
    limit:
      'Proofs are dated by the clock of the machine. A server that does not ask for a nonce and minds a wrong clock refuses them: that is delivered.',
  },
  '6.15': {
    about: 'never for a proxy',
    tests: { [here]: ['is handed back where %s asks: never sent as Bearer, never to a proxy'] },
  },
  '6.16': {
    about: 'what a browser hides',
    tests: {
      [here]: [
        'is replaced once by a refresh where the server says no challenge, as where CORS hides it',
        'is proved with a nonce that can be seen before it is replaced, where the challenge cannot be seen',
      ],
    },
    limit:
      'A refusal whose nonce cannot be seen is a plain 401, and `use_dpop_nonce` of a token endpoint a `RefreshMisconfiguredError`.',
  },
  '6.17': {
    about: 'a proof is not taken along a redirect',
    tests: {
      'schemes/dpop/redirects': [
        'proves every hop for its own URL and method',
        'leaves the fetch below nothing to follow',
        'hands neither token nor proof to another origin, nor to what comes back from there',
        'fails where a browser does not tell where the redirect leads',
      ],
    },
  },
  '6.18': {
    about: 'dpop_jkt is optional',
    limit:
      '`dpop_jkt` is not added to an authorization request, which RFC 9449 leaves to the client: the code is bound by PKCE.',
  },
};
