import type { Rows } from './row.js';

const scheme = 'schemes/digest/digest';
const terms = 'schemes/digest/terms';
const names = 'schemes/digest/names';
const target = 'schemes/digest/request-target';
const options = 'schemes/digest/options';
const spaces = 'schemes/digest/spaces';
const oneTime = 'schemes/digest/one-time-nonces';
const concurrent = 'schemes/digest/concurrent';
const proof = 'schemes/digest/proof';
const vectors = 'schemes/digest/vectors';

/** The auth-scheme "Digest": RFC 7616, and RFC 2069 where a server knows no qop. */
export const digest: Rows = {
  '3.1': {
    about: 'realm and nonce are required',
    tests: { [terms]: ['needs a realm, which may be empty, and a nonce, which may not (3.1)'] },
  },
  '3.2': {
    about: 'unknown algorithms are ignored, none means MD5',
    tests: {
      [terms]: [
        'has an algorithm, MD5 where it names none, whatever its case and quotes: %j (3.2)',
        'is ignored where the algorithm is unknown: %j (3.2)',
      ],
    },
  },
  '3.3': {
    about: 'the first challenge that can be answered',
    tests: {
      [terms]: ['are answered in the order of the server: the first that can be (3.3)'],
      [options]: ['answers only the algorithms it is told, and delivers the refusal otherwise'],
    },
  },
  '3.4': {
    about: 'unknown qop options are ignored',
    tests: { [terms]: ['offers what is known of its qop list: %s (3.4)'] },
  },
  '3.5': {
    about: 'no answer where only unknown ones are offered',
    tests: {
      [terms]: [
        'is ignored where it offers unknown qop values only, and not answered as if it had offered none (3.5)',
      ],
    },
  },
  '3.6': {
    about: 'without qop the form of RFC 2069',
    tests: {
      [terms]: [
        'are those of RFC 2069 where no qop is offered: no qop, no nc, a cnonce only for a session (3.6)',
      ],
    },
  },
  '3.7': {
    about: 'what is quoted and what is not',
    tests: { [terms]: ['quote what RFC 7616 quotes, and nothing else (3.7)'] },
  },
  '3.8': {
    about: 'the nonce count',
    tests: {
      [scheme]: [
        'counts each use of a nonce in eight digits, from 1, and anew for a new nonce (3.8)',
        'goes on counting where a challenge gives the same nonce again (3.8)',
      ],
      [concurrent]: [
        'never share a nonce count, whether the server gives one nonce to all or one each (3.8)',
      ],
    },
  },
  '3.9': {
    about: 'a fresh, unpredictable cnonce',
    tests: { [options]: ['makes a client nonce of 128 random bits for every sending (3.9)'] },
  },
  '3.10': {
    about: 'uri is the request-target as sent',
    tests: {
      [target]: [
        'is the request-target as it is sent: %j (3.10)',
        'is "/" for an empty path, and has no fragment (3.10)',
      ],
      [spaces]: ['are followed with credentials for the new request-target, inside the space'],
    },
    limit: 'React Native does not say how it percent-encodes a URL',
  },
  '3.11': {
    about: 'the method as sent',
    tests: { [target]: ['goes with the method as it is sent: case counts, and HEAD is not GET (3.11)'] },
  },
  '3.12': {
    about: 'hashed without escapes, written with them',
    tests: {
      [terms]: [
        'quote what RFC 7616 quotes, and nothing else (3.7)',
        'cannot be broken out of by a realm: %j (3.12)',
      ],
    },
  },
  '3.13': {
    about: 'opaque is echoed',
    tests: {
      [terms]: ['echo opaque as it came, also when it is empty, and send none where there was none (3.13)'],
    },
  },
  '3.14': {
    about: 'auth-int covers the body, a stream falls back to auth',
    tests: {
      [scheme]: [
        'is covered byte by byte with auth-int: %s (3.14)',
        'is covered in a form with files and in a Request too (3.14)',
        'falls back to auth where it is a stream, and is not answered where that is not offered (3.14)',
      ],
    },
  },
  '3.15': {
    about: 'the key of a -sess session',
    tests: {
      [scheme]: ['keeps the cnonce of a session as long as its nonce lives (3.15)'],
      [oneTime]: ['keep the key of a session that they go on: nonce and cnonce of its start (3.15)'],
    },
  },
  '3.16': {
    about: 'SHA-512-256 is SHA-512/256',
    tests: { [vectors]: ['responds as published: %s'] },
  },
  '3.17': {
    about: 'UTF-8 and NFC',
    tests: {
      [names]: [
        'are hashed in UTF-8 and NFC, whatever charset is named (3.17)',
        'hash a realm byte by byte as it came (3.17)',
      ],
    },
  },
  '3.18': {
    about: 'userhash, and the plain name in A1',
    tests: {
      [names]: ['send a hashed name where the server wants it, and keep the plain one in A1 (3.18)'],
      [vectors]: ['keeps to the RFC where a library does not: %s'],
    },
  },
  '3.19': {
    about: 'username* in place of username',
    tests: {
      [names]: [
        'write %s as username*, unquoted and in place of username (3.19)',
        'stay as they are in ASCII (3.19)',
      ],
    },
  },
  '3.20': {
    about: 'stale, bounded',
    tests: {
      [scheme]: [
        'retries a stale nonce with the new one, in the same call and without asking anybody (3.20)',
        'leaves a server alone that finds every nonce stale, sent ahead: %s (3.20)',
      ],
      [concurrent]: ['that find their shared nonce stale each answer the challenge they were given'],
    },
  },
  '3.21': {
    about: 'nextnonce',
    tests: {
      [oneTime]: [
        'are taken from nextnonce, each once, and none is refused (3.21)',
        'belong to one request each: as many at once as there are nonces, the others are challenged',
      ],
    },
  },
  '3.22': {
    about: 'rspauth',
    tests: {
      [proof]: [
        'is believed where it is right: %s (3.22)',
        'is an event where it is wrong, and with verifyServer thrown: %s (3.22)',
        'counts on any status (3.22)',
      ],
    },
    limit: 'A proof over a response body (`rspauth` with `auth-int`) is looked at with `verifyServer` only',
  },
  '3.23': {
    about: 'domain',
    tests: {
      [spaces]: [
        'is the whole origin where no domain is named, and no other origin (3.23)',
        'is what domain names, absolute or below the origin (3.23)',
        'never reaches to another origin, whatever domain says (3.23)',
      ],
    },
  },
  '3.24': {
    about: 'kept per protection space',
    tests: {
      [scheme]: ['sends nothing before it is challenged, then the answer, then credentials ahead (3.24)'],
      [spaces]: ['begins with the first success: nothing is sent ahead after a refusal (3.24)'],
    },
  },
  '3.25': {
    about: 'absolute-URI and CONNECT only where they are sent',
    limit:
      'A proxy that is sent the absolute URL may hand on another request-target than the one that `digest` signs',
  },
  '3.26': {
    about: 'no downgrade after a refusal',
    tests: {
      [terms]: ['are not answered one after the other: after a refusal nothing weaker is tried (3.26)'],
      [scheme]: [
        'does not hand a password to Basic after it was refused here, but answers who asks for Basic only (3.26)',
      ],
    },
  },
};
