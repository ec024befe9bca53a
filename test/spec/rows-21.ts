import type { Rows } from './row.js';

const here = 'spec/21-platform';

/** What the Fetch standard and browsers do. */
export const platform: Rows = {
  '21.1': {
    about: 'lines come joined, and a broken one may run into its neighbor',
    tests: { 'protocol/challenge-vectors': ['$id: reads the field lines joined as fetch joins them'] },
  },
  '21.2': {
    about: 'field values are bytes',
    tests: { [here]: ['come from the wire and go back to it as they are'] },
  },
  '21.3': {
    about: 'fetch drops only Authorization at another origin',
    tests: {
      'races/21-redirects': [
        'lose it where they leave, and do not get it back',
        'the caller’s cookies and proxy credentials stay at their origin',
        'end in a TypeError that names where a header of ours may have gone, and nothing else',
      ],
      'fetch/redirect': ['drops the credentials when a hop leaves the origins, for the rest of the chain'],
    },
    limit: 'React Native follows redirects by itself, whatever `redirect` says.',
  },
  '21.4': {
    about: 'a 401 belongs to where it came from',
    tests: {
      'fetch/redirect': ['delivers a 401 of another origin, and sends nothing more there'],
      'races/22-where-it-was-refused': ['is never answered: %s'],
    },
  },
  '21.5': {
    about: 'what a redirect makes of the method, and from where a replay starts',
    tests: {
      'fetch/redirect': [
        'delivers the 401 of a redirected POST: it is never sent twice',
        'answers the 401 of a redirected GET at the final URL',
        '%i makes of a %s a %s, as fetch does',
      ],
    },
  },
  '21.6': {
    about: 'fields that CORS hides',
    tests: {
      [here]: ['is a 401 of the one scheme configured', 'is a 401 of the scheme that was sent, of several'],
    },
    limit:
      'CORS hides `WWW-Authenticate` unless the server exposes it, and `Access-Control-Allow-Headers: *` does not cover `Authorization`: the server must name it.',
  },
  '21.7': {
    about: 'no-cors and opaque responses',
    tests: {
      'races/20-origins': ['not with mode: no-cors'],
      'fetch/auth-fetch': ['hands mode no-cors to the fetch below untouched'],
      [here]: ['of type %s has status 0 and is handed on: nothing can be read of it'],
    },
  },
  '21.8': {
    about: 'the prompt of the browser',
    limit:
      "In a page the browser answers a same-origin 401 that asks for Basic or Digest with a prompt of its own, before latchkey sees it; `credentials: 'omit'` avoids that.",
  },
  '21.9': {
    about: 'a stream body on the way to that prompt',
    limit: 'If the request has a stream body, such a 401 is a network error.',
  },
  '21.10': {
    about: 'a 407 where no page is',
    tests: { 'spec/22-status-matrix': ['a proxy that asks'] },
    limit: 'A 407 is handed back; in a worker the browser makes it a network error.',
  },
  '21.11': {
    about: 'credentials in a URL',
    tests: { 'fetch/auth-fetch': ['hands a URL with a user in it on: it carries credentials of its own'] },
    limit: 'URL credentials (`https://user:password@host/`) are refused by `fetch` itself.',
  },
  '21.12': {
    about: 'Requests, and what a replay keeps of them',
    tests: {
      'fetch/spec': ['keeps signal, cache mode and the other members of a Request'],
      'fetch/bodies': [
        'sends the same bytes again, given in a Request: %s',
        'leaves a Request whose body was used to fetch, which refuses it',
      ],
      [here]: ['are those of the first sending: cache mode, keepalive, priority, integrity, duplex'],
    },
  },
  '21.13': {
    about: 'a replay keeps its cache mode',
    tests: {
      'fetch/spec': ['keeps signal, cache mode and the other members of a Request'],
      [here]: ['are those of the first sending: cache mode, keepalive, priority, integrity, duplex'],
    },
  },
  '21.14': {
    about: 'aborts: before, while a token is fetched, during the replay',
    tests: {
      [here]: ['before the call sends nothing and refreshes nothing'],
      'fetch/spec': ['is aborted by the caller, with the caller’s reason, and nothing is left unhandled'],
      'fetch/auth-fetch': [
        'frees a caller at once while it waits for a renewal, with its own reason, and nobody else',
      ],
    },
  },
  '21.15': {
    about: 'a network failure refreshes nothing',
    tests: { [here]: ['is the TypeError that fetch gave, also on the replay: %s'] },
  },
  '21.16': {
    about: 'no side effects at import, nothing of Node',
    tests: {
      package: ['creates nothing and touches no lazy global while it is loaded'],
      house: ['names no global class while it is loaded'],
    },
    limit:
      'On Cloudflare Workers a refresh ends with the request that began it unless `waitUntil` keeps it alive; requests that wait for it begin their own after 1.5 seconds.',
  },
};
