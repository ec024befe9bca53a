import type { Platform } from './metro.ts';

/** A request as the native side sends it. */
export interface Sending {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | undefined;
}

const CONTENT = /^(?:content-|transfer-encoding$)/i;

/**
 * What the platform sends next, unasked: fetch's `redirect` does not reach the native side.
 *
 * Android: OkHttp 4.9.2 keeps every header but Authorization, and that too on the same host, port and scheme; 307 and 308
 * keep method and body. iOS: NSURLSession does the same to method and body, and RCTHTTPRequestHandler.mm puts the cookies
 * in place of all headers.
 */
export function hop(platform: Platform, sent: Sending, status: number, location: string): Sending {
  const to = new URL(location, sent.url);
  const keepsBody = status === 307 || status === 308;
  const method = keepsBody || /^(?:GET|HEAD)$/.test(sent.method) ? sent.method : 'GET';
  const isSameHost = to.origin === new URL(sent.url).origin;
  const kept = sent.headers.filter(
    ([name]) =>
      platform === 'android' &&
      (isSameHost || name.toLowerCase() !== 'authorization') &&
      (keepsBody || !CONTENT.test(name)),
  );
  // without its type a body would say nothing of itself; iOS tells it from the data
  const headers =
    platform === 'ios' && keepsBody ? sent.headers.filter(([name]) => CONTENT.test(name)) : kept;
  return { method, url: to.href, headers, body: keepsBody ? sent.body : undefined };
}
