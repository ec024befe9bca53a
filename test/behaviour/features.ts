/** What a platform may lack, and how it is seen that it does. */
export const features = {
  /** crypto.subtle and crypto.getRandomValues. */
  'web-crypto': () => globalThis.crypto?.subtle !== undefined,
  /** A source of random numbers that cannot be guessed. */
  random: () => typeof globalThis.crypto?.getRandomValues === 'function',
  /** TextEncoder and TextDecoder, which oauth4webapi and dpop make as soon as they are loaded. */
  'text-decoder': undefined,
  /** Response.body can be read in part. */
  'response-streams': () => typeof ReadableStream === 'function' && new Response('x').body != null,
  /** The platform keeps cookies, and sends them when asked. */
  cookies: undefined,
  /** fetch sends a stream that is given as body. */
  'request-streams': undefined,
  /** CORS: what a response does not expose, a page does not see. */
  cors: () => typeof document === 'object',
  /** FormData can be read. */
  'form-data': () => typeof FormData === 'function' && Symbol.iterator in FormData.prototype,
  /** Blobs of bytes can be made and read. */
  blobs: () => typeof Blob === 'function' && typeof Blob.prototype.arrayBuffer === 'function',
  /** AbortSignal has a reason. */
  'abort-reasons': () => 'reason' in AbortSignal.prototype,
  /** AbortSignal.timeout. */
  'abort-timeouts': () => typeof AbortSignal.timeout === 'function',
  /** `redirect: 'error'` is taken. */
  'redirect-errors': undefined,
  /** URL parses as the standard says. */
  'standard-urls': () => new URL('../b', 'https://example.com/x/y').href === 'https://example.com/b',
  /** Stores whose turns exclude each other: contexts of their own see the same place. */
  'exclusive-stores': undefined,
  /** There is none: what is told then. */
  'no-web-crypto': () => globalThis.crypto?.subtle === undefined,
  /** A redirect can be met by hand: `redirect: 'manual'` shows status and Location. */
  'redirects-by-hand': undefined,
} as const;

export type Feature = keyof typeof features;
