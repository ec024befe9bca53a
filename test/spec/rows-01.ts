import type { Rows } from './row.js';

const parser = 'protocol/challenge';
const negotiation = 'fetch/negotiation';
const here = 'spec/01-authentication';

/** HTTP authentication: RFC 9110, sections 11 and 15.5. */
export const authentication: Rows = {
  '1.1': {
    about: 'schemes in any case',
    tests: {
      [parser]: ['matches the auth-scheme case-insensitively (1.1)'],
      'fetch/spec': ['a 401 with the challenge %j is answered once and then handed back with its body'],
    },
  },
  '1.2': {
    about: 'parameter names in any case, values as they are',
    tests: { [parser]: ['matches parameter names case-insensitively and keeps the case of values (1.2)'] },
  },
  '1.3': {
    about: 'token or quoted-string, for every parameter',
    tests: { [parser]: ['accepts token and quoted-string for every parameter, realm included (1.3)'] },
  },
  '1.4': {
    about: 'quoted pairs',
    tests: { [parser]: ['un-escapes quoted pairs, and never inside a bare token (1.4)'] },
  },
  '1.5': {
    about: 'blanks around "=" and commas',
    tests: { [parser]: ['accepts blanks around "=" and around commas (1.5)'] },
  },
  '1.6': {
    about: 'several blanks after the scheme',
    tests: { [parser]: ['accepts several blanks between a scheme and its data (1.6)'] },
  },
  '1.7': {
    about: 'empty list elements',
    tests: { [parser]: ['ignores empty list elements anywhere (1.7)'] },
  },
  '1.8': {
    about: 'token68, and what only looks like it',
    tests: { [parser]: ['understands token68 with its padding, and what only looks like it (1.8)'] },
  },
  '1.9': {
    about: 'several challenges, in one line or many',
    tests: {
      [parser]: ['understands several challenges in a line, in several lines, and joined (1.9)'],
      'protocol/challenge-vectors': ['$id: reads the field lines one by one'],
    },
  },
  '1.10': {
    about: 'nothing inside a quoted-string ends or starts anything',
    tests: { [parser]: ['lets no comma, "=" or scheme inside a quoted-string end or start anything (1.10)'] },
  },
  '1.11': {
    about: 'a parameter named like a scheme',
    tests: { [parser]: ['takes no parameter named like a scheme for a challenge (1.11)'] },
  },
  '1.12': {
    about: 'two challenges of one scheme',
    tests: {
      [parser]: ['keeps two challenges of the same scheme apart (1.12)'],
      [negotiation]: [
        'are each put to it, and the first that it can answer is answered',
        'ask the app for each realm until it has something',
      ],
    },
  },
  '1.13': {
    about: 'a parameter given twice',
    tests: { [parser]: ['chooses the last of a repeated parameter (1.13)'] },
  },
  '1.14': {
    about: 'a known scheme behind unknown ones',
    tests: {
      [parser]: ['finds a known scheme behind unknown ones (1.14)'],
      'fetch/spec': ['finds Bearer behind schemes it does not know'],
    },
  },
  '1.15': {
    about: 'no challenge, or an empty one',
    tests: {
      [parser]: ['finds no challenge in an empty or missing field (1.15)'],
      [here]: ['is handed back as it came where nobody can answer: %j'],
    },
  },
  '1.16': {
    about: 'no exception, and linear time',
    tests: {
      [parser]: [
        'comes to an end on 64 KiB of commas (1.16)',
        'comes to an end on 64 KiB of a long realm (1.16)',
      ],
      'protocol/challenge-properties': ['never throws, whatever it is given'],
      [here]: ['may be 64 KiB of anything'],
    },
  },
  '1.17': {
    about: 'names that objects inherit',
    tests: { [parser]: ['is immune to names that objects inherit (1.17)'] },
  },
  '1.18': {
    about: 'the best scheme, not the first',
    tests: {
      [here]: ['are answered in the order of the user, not of the server: %s'],
      [negotiation]: [
        'is answered in the order of the user: %s',
        'is answered that can be: an algorithm that nobody knows is passed over',
        'is not gone after Digest was refused',
        'is not gone where the second challenge offers Basic alone',
        'is not gone where Digest, sent preemptively because it worked, meets Basic alone',
      ],
    },
  },
  '1.19': {
    about: 'no second answer to the same challenge',
    tests: {
      'fetch/auth-fetch': [
        'delivers the last 401 with its body when the server refuses for ever, after two sendings and one renewal',
      ],
    },
  },
  '1.20': {
    about: 'credentials stay in the protection space',
    tests: {
      'races/20-origins': ['not to %j'],
      'schemes/basic-provider': [
        'sends what was accepted without being asked for, at and below the path, and nowhere else (2.7)',
      ],
    },
  },
  '1.21': {
    about: 'a realm is no boundary between origins',
    tests: { [here]: ['is no secret between origins: the same name at another one is another space'] },
  },
  '1.22': {
    about: 'Authentication-Info on any status, for the scheme that was used',
    tests: { [here]: ['reaches the scheme that was used, with what it sent, on %i too'] },
  },
  '1.23': {
    about: 'a challenge on a 200',
    tests: {
      'fetch/spec': ['a 200 with a challenge is no refusal (RFC 9110, section 11.6.1)'],
      'spec/22-status-matrix': ['200 with a challenge'],
    },
  },
  '1.24': {
    about: 'a 403 is not repeated with the same credentials',
    tests: { 'races/24-forbidden': ['never refreshes and is sent once: %s'] },
  },
  '1.25': {
    about: 'a 400 with a challenge refreshes nothing',
    tests: { 'spec/22-status-matrix': ['Bearer invalid_request', 'a DPoP nonce on 400'] },
  },
  '1.26': {
    about: 'a 407 belongs to the next hop',
    tests: { 'spec/22-status-matrix': ['a proxy that asks', 'a proxy with the field of a server'] },
  },
  '1.27': {
    about: 'a 404 is no failed authentication',
    tests: { 'spec/22-status-matrix': ['404 with a challenge'] },
  },
  '1.28': {
    about: 'a replay is the same but for the credentials',
    tests: {
      'fetch/spec': ['is the same but for the credentials, as the server sees it (RFC 9110, section 15.5.2)'],
      'fetch/bodies': ['sends the same bytes and Content-Type again: %s'],
      [here]: ['is written as the caller wrote it: %s'],
    },
  },
  '1.29': {
    about: 'what cannot be replayed is not',
    tests: {
      'fetch/bodies': [
        'delivers a stream beyond maxReplayBytes as one-shot, never sends it twice, and renews beside',
      ],
      'races/23-bodies': ['is delivered as one-shot, sent once and never empty'],
    },
  },
  '1.30': {
    about: 'the refused response frees its connection',
    tests: {
      'fetch/bodies': ['do not hold a connection while a renewal is waited for, small or large'],
    },
  },
  '1.31': {
    about: 'confidential transport only',
    tests: { 'races/20-origins': ['refuses %s at creation, and takes it from allowInsecure'] },
  },
};
