import type { Rows } from './row.js';

const scheme = 'schemes/basic';
const provider = 'schemes/basic-provider';

/** The auth-scheme "Basic": RFC 7617. */
export const basic: Rows = {
  '2.1': {
    about: 'user, colon, password in base64',
    tests: { [scheme]: ['builds user, colon, password in base64 with padding (2.1)'] },
  },
  '2.2': {
    about: 'no colon in the user name',
    tests: { [scheme]: ['rejects user names containing ":", colons in the password are fine (2.2)'] },
  },
  '2.3': {
    about: 'no control characters',
    tests: { [scheme]: ['rejects control characters in user or password, without telling them (2.3)'] },
  },
  '2.4': {
    about: 'only the charset UTF-8 counts',
    tests: { [scheme]: ['ignores every charset but UTF-8, and unknown parameters (2.4)'] },
  },
  '2.5': { about: 'NFC', tests: { [scheme]: ['sends NFC-normalized UTF-8 (2.5)'] } },
  '2.6': {
    about: 'UTF-8 where the challenge names no charset',
    tests: { [scheme]: ['encodes what is no latin1 in UTF-8 whatever the challenge says (2.6)'] },
  },
  '2.7': {
    about: 'sent ahead only below an authenticated path',
    tests: {
      [provider]: [
        'sends what was accepted without being asked for, at and below the path, and nowhere else (2.7)',
      ],
    },
  },
  '2.8': {
    about: 'a challenge without realm',
    tests: { [scheme]: ['answers a challenge without realm (2.8)'] },
  },
  '2.9': {
    about: 'a wrong password is sent once',
    tests: {
      [scheme]: ['sends a wrong password once, and delivers the refusal with its body (2.9)'],
      [provider]: [
        'is told the realm, the URL and whether the last credentials were refused (2.9)',
        'ends after two wrong passwords, and does not send the last one again',
      ],
    },
  },
  '2.10': {
    about: 'empty user, empty password',
    tests: { [scheme]: ['allows an empty user and an empty password (2.10)'] },
  },
};
