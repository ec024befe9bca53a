import { beginsInside, originByText } from '../protocol/protection-space.js';
import { probed } from './probed.js';

type UrlClass = typeof globalThis.URL | undefined;

/** Whether it parses as the URL standard says: React Native's does not. */
const isStandard = /* @__PURE__ */ probed((URL: UrlClass) => {
  try {
    const url = URL && new URL('\\/C/..\\b', 'HTTPS://A@EXAMPLE.com:443/x/y?q');
    const path = URL && new URL('../b', 'https://a.example/x/y');
    return url?.href === 'https://c/b' && path?.href === 'https://a.example/b';
  } catch {
    return false;
  }
});

/**
 * An http(s) URL, absolute or resolved (RFC 3986, section 5.2), and its origin; undefined for everything else, and for
 * a URL with a user in it.
 */
export function readUrl(
  text: string,
  base?: string,
): { readonly href: string; readonly origin: string } | undefined {
  const { URL } = globalThis;
  try {
    if (!isStandard(URL)) {
      const href = base === undefined || isAbsolute(text) ? text : joined(text, base);
      const origin = originByText(href);
      return origin === undefined ? undefined : { href, origin };
    }
    const url = new URL(text, base);
    // a blob: URL has an http origin too
    return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' ? url : undefined;
  } catch {
    return undefined;
  }
}

/** Whether an absolute URL leads to one of these origins: by its text, true for any parser, or as the standard reads it. */
export function isInside(url: string, origins: readonly string[]): boolean {
  return beginsInside(url, origins) || origins.includes(readUrl(url)?.origin ?? '');
}

/** Whether the text is a URL by itself: relative ones have no scheme. */
export function isAbsolute(text: string): boolean {
  return /^[\0- ]*[a-z][a-z\d+.\-\t\n\r]*:/i.test(text);
}

/** For platforms whose `URL` is not the standard's. */
function joined(reference: string, base: string): string {
  const origin = originByText(base);
  const path = /^[^/]*\/\/[^/?#]*(\/[^?#]*)/.exec(base)?.[1] ?? '/';
  // a network-path reference names a host of its own
  if (origin === undefined || /^\s*[/\\]\s*[/\\]/.test(reference)) return '';
  if (reference.startsWith('/')) return origin + reference;
  const folder = /^(?:[?#]|$)/.test(reference) ? path : path.slice(0, path.lastIndexOf('/') + 1);
  return origin + folder + reference;
}
