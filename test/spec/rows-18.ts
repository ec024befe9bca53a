import type { Rows } from './row.js';

const here = 'oauth/discover';
const live = 'oauth/discover-live';
const url =
  'needs its URL alone where the metadata its challenge names: registers, signs in, calls, refreshes';
const step = 'asks for what was granted and what the challenge wants';

/** Model Context Protocol, authorization: versions of 2025-06-18, 2025-11-25 and 2026-07-28. */
export const modelContextProtocol: Rows = {
  '18.1': {
    about: 'a 401 and its challenge are understood',
    tests: { [live]: [url, 'signs in again, with the same registration, where the grant has ended'] },
  },
  '18.2': {
    about: 'resource_metadata, or else the well-known places, with the path and then the root',
    tests: {
      [here]: [
        'fetches no resource_metadata at %s, and looks nowhere else',
        'looks at the well-known places after %s: with the path, then at the root',
      ],
      [live]: [
        url,
        'needs its URL alone where the metadata stand at the well-known place: registers, signs in, calls, refreshes',
      ],
    },
    limit:
      "Servers that name no authorization server (as before the protocol's version of 2025-06-18) are not usable by their URL alone.",
  },
  '18.3': {
    about: 'three places for a server’s metadata where its issuer has a path, else two',
    tests: {
      [here]: [
        'looks for a server’s metadata in three places where its issuer has a path, in two where it has none',
      ],
    },
  },
  '18.4': {
    about: 'nobody goes on without code_challenge_methods_supported; S256',
    tests: {
      [here]: [
        'goes on with no server that says nothing of PKCE',
        'goes on with no server that has only the plain method',
      ],
    },
  },
  '18.5': {
    about: 'resource in authorization and token requests',
    tests: {
      [here]: ['takes metadata that a challenge has named for %s, and asks for tokens for that'],
      [live]: [url],
    },
  },
  '18.6': {
    about: 'the token in the header of every request, and no token of another issuer',
    tests: {
      'spec/04-bearer': ['stands in one place of the request: the Authorization field'],
      [here]: [
        'sends it to the issuer of the tokens, whatever the resource says by now',
        'sends no refresh token to an issuer that is %s',
      ],
    },
  },
  '18.7': {
    about: 'the challenge’s scope, else the resource’s, else none; a union after a refusal',
    tests: {
      [here]: [
        'asks for scope: the challenge’s',
        'asks for scope: the resource’s, where the challenge has none',
        'asks for scope: none, where neither has one',
        step,
      ],
    },
  },
  '18.8': {
    about: 'a 403 with insufficient_scope: more scope, and no loop',
    tests: { [here]: [step], 'spec/22-status-matrix': ['insufficient_scope on 403'] },
  },
  '18.9': {
    about: 'issuers are validated and kept apart; iss comes before the code',
    tests: {
      [here]: [
        'refuses a server that calls itself something else',
        'registers a public client with a code grant, once for a server',
      ],
      'oauth/authorization-code-grant': ['refuses a callback with another issuer, and redeems nothing'],
    },
  },
  '18.10': {
    about: 'there may be no refresh token, and nobody sees one',
    tests: {
      'session/no-refresh-token': ['is not called; the 401 is delivered'],
      [here]: ['keeps whose tokens they are through a session’s refreshes, and no secret that an option has'],
    },
  },
  '18.11': {
    about: 'offline access is the client’s own wish',
    tests: { [here]: ['asks for scope: offline access too, where the server has it'], [live]: [url] },
  },
};
