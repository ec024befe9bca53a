import type { Rows } from './row.js';

const here = 'oauth/discover';
const live = 'oauth/discover-live';
const url =
  'needs its URL alone where the metadata its challenge names: registers, signs in, calls, refreshes';

/** Protected resource metadata: RFC 9728. */
export const resourceMetadata: Rows = {
  '8.1': {
    about: 'resource_metadata of whatever challenge has it',
    tests: {
      [here]: [
        'finds the challenge that names metadata among several',
        'reads the challenge that it is given, and asks the resource nothing',
      ],
      [live]: [url],
    },
  },
  '8.2': {
    about: 'metadata that a challenge names are about the URL that was asked',
    tests: {
      [here]: [
        'uses no metadata that the challenge has named with another resource',
        'uses no metadata that the challenge has named with another case',
        'uses no metadata that the challenge has named with a neighbor by path',
        'takes metadata that a challenge has named for %s, and asks for tokens for that',
      ],
    },
    limit:
      'Metadata that a challenge has named may be about a path above the resource on the same origin, which RFC 9728 does not allow and Model Context Protocol servers do.',
  },
  '8.3': {
    about: 'well-known metadata are about the identifier they were found by',
    tests: {
      [here]: [
        'uses no well-known metadata of another resource: %s',
        'looks once where the resource is the root',
      ],
    },
    limit: 'At the well-known places they must be about exactly that place.',
  },
  '8.4': {
    about: 'a later challenge is followed anew',
    tests: { [here]: ['reads the challenge that it is given, and asks the resource nothing'] },
    limit: 'The metadata of the resource are read at every sign-in and those of its server too;',
  },
  '8.5': {
    about: 'no document makes the client ask a neighbor',
    tests: {
      [here]: [
        'asks no authorization server at a link-local address',
        'asks no authorization server at loopback of IPv6',
        'asks no authorization server at loopback',
        'asks no authorization server at a private address',
        'asks no authorization server at a number',
        'asks no authorization server at an octal number',
        'asks no authorization server at a file',
        'asks no authorization server at data',
        'uses no server whose %s is a neighbor',
        'fetches no resource_metadata at %s, and looks nowhere else',
        'uses no metadata that the challenge has named with a redirect',
        'uses no metadata that the challenge has named with too much',
        'asks for documents without credentials, cookies and redirects',
        'gives up after 20 s, and leaves no timer',
      ],
    },
    limit:
      'A name that resolves to a private address cannot be refused with `fetch`. Where that matters, list `issuers`.',
  },
  '8.6': {
    about: 'no secret and no refresh token goes to a server that only a document names',
    tests: {
      [here]: [
        'refuses to be made with this issuers',
        'uses only the allowed issuers, letter by letter, whatever the resource says',
        'sends it to the issuer of the tokens, whatever the resource says by now',
        'sends no refresh token to an issuer that is not allowed',
      ],
    },
  },
  '8.7': {
    about: 'tokens are asked for that resource',
    tests: {
      [here]: ['takes metadata that a challenge has named for %s, and asks for tokens for that'],
      [live]: [url],
    },
  },
  '8.8': {
    about: 'the challenge’s scope comes before all that the resource knows',
    tests: { [here]: ['asks for scope: the challenge’s'] },
    limit: 'A scope that the resource lists is asked for whole: it is how it says what a client needs.',
  },
  '8.9': {
    about: 'signed metadata',
    limit: 'Signed metadata are not verified, so they are not used; the plain members beside them are.',
  },
  '8.10': {
    about: 'a resource that takes no tokens in headers',
    tests: {
      [here]: [
        'uses no metadata that the challenge has named with tokens that go elsewhere than into headers',
      ],
    },
  },
};
