import type { Feature } from './features.ts';
import type { RuntimeName } from './runtimes.ts';

/** What cannot hold in a runtime, and why: the one table; nothing else is skipped. */
export interface Exception {
  readonly in: readonly RuntimeName[];
  /** Every case that needs this. */
  readonly lacks?: Feature;
  /** The case of this name. */
  readonly case?: string;
  readonly reason: string;
}

const nodes = ['node-22', 'node-22-cjs', 'node-24', 'node-24-cjs', 'node-26', 'node-26-cjs'] as const;
const servers = [...nodes, 'bun', 'deno'] as const;
const workers = ['workerd', 'edge-runtime'] as const;
const browsers = ['chromium', 'firefox', 'webkit'] as const;
const android = ['react-native-0.88', 'react-native-0.83'] as const;
const native = [...android, 'react-native-0.88-ios'] as const;

export const exceptions: readonly Exception[] = [
  { in: [...servers, ...workers], lacks: 'cookies', reason: 'fetch keeps no cookies' },
  { in: [...servers, ...workers, ...native], lacks: 'cors', reason: 'there is no page, and so no CORS' },
  { in: browsers, lacks: 'redirects-by-hand', reason: 'fetch does not tell a page where a redirect leads' },
  {
    in: browsers,
    case: 'of an API key end after twenty',
    reason: 'fetch does not tell a page where a redirect leads',
  },
  {
    in: android,
    case: 'an API key never arrives at another origin',
    reason: 'the platform follows redirects by itself, with every header but Authorization',
  },
  {
    in: native,
    case: 'of a refresh endpoint are not followed: the refresh token goes nowhere else',
    reason: 'the platform follows redirects by itself',
  },
  {
    in: android,
    case: 'bytes arrive twice, whole, and without a Content-Type of ours',
    reason: 'the platform sends no bytes without a Content-Type',
  },
  {
    in: ['react-native-0.83'],
    case: 'answers 401 like the auth fetch, and reads JSON',
    reason: 'its URL writes a slash before what ky gives it as searchParams',
  },
  { in: native, lacks: 'redirects-by-hand', reason: 'the platform follows redirects by itself' },
  { in: [...servers, ...workers, ...browsers], lacks: 'no-web-crypto', reason: 'there is Web Crypto' },
  {
    in: workers,
    lacks: 'exclusive-stores',
    reason: 'a worker has no storage of its own: the cases keep texts',
  },
  { in: native, lacks: 'exclusive-stores', reason: 'asyncStorageStore has no turns between contexts' },
  {
    in: workers,
    case: 'one that soon expires is renewed beside the requests, and nobody waits',
    reason: 'without waitUntil nothing is renewed beside a request',
  },
  { in: native, lacks: 'redirect-errors', reason: 'the platform follows redirects by itself' },
  { in: native, lacks: 'standard-urls', reason: 'URL is no parser' },
  { in: native, lacks: 'web-crypto', reason: 'there is no Web Crypto' },
  { in: native, lacks: 'random', reason: 'there is no crypto.getRandomValues' },
  { in: native, lacks: 'response-streams', reason: 'there are no streams' },
  { in: native, lacks: 'request-streams', reason: 'there are no streams' },
  { in: native, lacks: 'form-data', reason: 'FormData cannot be read: the native side sends it' },
  { in: native, lacks: 'blobs', reason: 'a Blob cannot be made of bytes' },
  {
    in: ['react-native-0.83'],
    lacks: 'abort-reasons',
    reason: 'AbortSignal has no reason before React Native 0.87',
  },
  {
    in: ['react-native-0.83'],
    lacks: 'abort-timeouts',
    reason: 'there is no AbortSignal.timeout before React Native 0.87',
  },
  {
    in: ['webkit', ...native],
    case: 'the reason that was given is what the call rejects with under way',
    reason: 'fetch rejects with an AbortError of its own',
  },
  {
    in: ['webkit', ...native],
    case: 'a timeout of the platform under way has its name too',
    reason: 'fetch rejects with an AbortError of its own',
  },
  {
    in: workers,
    case: 'a stream that is being sent is cancelled when its call is aborted',
    reason: 'fetch reads on from the stream of an aborted request',
  },
  {
    in: ['workerd'],
    case: 'a stream that fails half-way fails the call, and refreshes nothing',
    reason: 'fetch ends a request whose stream fails as if it were whole',
  },
  {
    in: ['workerd'],
    case: 'repeats a GET whose connection breaks, beside the replay',
    reason: 'ky does not know the network errors of workerd, and repeats nothing',
  },
  {
    in: nodes,
    case: 'a stream that is being sent is cancelled when its call is aborted',
    reason: 'fetch of Node reads on from the stream of an aborted request',
  },
  {
    in: ['firefox'],
    case: 'an answer that is given up half-way lets its connection go',
    reason: 'a body that is cancelled keeps its connection until more of it comes',
  },
  {
    in: ['firefox'],
    case: 'a refusal whose body never ends lets its connection go',
    reason: 'a body that is cancelled keeps its connection until more of it comes',
  },
  {
    in: ['webkit'],
    case: 'a large refusal is given up, not read to its end',
    reason: 'fetch reads a 401 to its end before it gives it',
  },
  {
    in: ['webkit'],
    case: 'a refusal whose body never ends is not waited for',
    reason: 'fetch reads a 401 to its end before it gives it',
  },
  {
    in: ['webkit'],
    case: 'a refusal whose body never ends lets its connection go',
    reason: 'fetch reads a 401 to its end before it gives it',
  },
  {
    in: ['chromium'],
    lacks: 'request-streams',
    reason: 'a stream is sent over HTTP/2 alone, and the test server speaks HTTP/1.1',
  },
  {
    in: ['firefox', 'webkit'],
    lacks: 'request-streams',
    reason: 'fetch cannot send a stream',
  },
];

/** Why a case does not run there; undefined: it runs. */
export function exceptionFor(
  runtime: RuntimeName,
  of: { readonly name: string; readonly needs?: readonly Feature[] },
): Exception | undefined {
  return exceptions.find(
    (exception) =>
      exception.in.includes(runtime) &&
      (exception.case === of.name || (exception.lacks !== undefined && of.needs?.includes(exception.lacks))),
  );
}
