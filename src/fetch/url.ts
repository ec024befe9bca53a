import { originByText } from '../protocol/protection-space.js';

let checked: typeof globalThis.URL | undefined;
let isStandard = false;

/** The platform's `URL`, where it parses as the URL standard says: React Native's does not. */
function standardUrl(): typeof globalThis.URL | undefined {
  const { URL } = globalThis;
  if (URL !== checked) {
    checked = URL;
    isStandard = parsesAsTheStandardSays(URL);
  }
  return isStandard ? URL : undefined;
}

function parsesAsTheStandardSays(URL: typeof globalThis.URL | undefined): boolean {
  try {
    const url = URL && new URL('\\/C/..\\b', 'HTTPS://A@EXAMPLE.com:443/x/y?q');
    const path = URL && new URL('../b', 'https://a.example/x/y');
    return url?.href === 'https://c/b' && path?.href === 'https://a.example/b';
  } catch {
    return false;
  }
}

/** An absolute http(s) URL and its origin; undefined for everything else, and for a URL with a user in it. */
export function readUrl(text: string): { readonly href: string; readonly origin: string } | undefined {
  const URL = standardUrl();
  if (URL === undefined) {
    const origin = originByText(text);
    return origin === undefined ? undefined : { href: text, origin };
  }
  try {
    const url = new URL(text);
    // a blob: URL has an http origin too
    return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' ? url : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the text is a URL by itself: relative ones have no scheme. */
export function isAbsolute(text: string): boolean {
  return /^[\0- ]*[a-z][a-z\d+.\-\t\n\r]*:/i.test(text);
}

/** Resolves a relative reference (RFC 3986, section 5.2); undefined where that is not possible. */
export function resolve(reference: string, base: string): string | undefined {
  const URL = standardUrl();
  if (URL !== undefined) {
    try {
      return new URL(reference, base).href;
    } catch {
      return undefined;
    }
  }
  const origin = originByText(base);
  // a network-path reference names a host of its own
  if (origin === undefined || /^\s*[/\\]\s*[/\\]/.test(reference)) return undefined;
  const path =
    /^[^?#]*/.exec(base.slice(base.indexOf('/', 8) < 0 ? base.length : base.indexOf('/', 8)))?.[0] || '/';
  if (reference.startsWith('/')) return origin + reference;
  if (reference === '' || reference.startsWith('?') || reference.startsWith('#'))
    return origin + path + reference;
  return origin + path.slice(0, path.lastIndexOf('/') + 1) + reference;
}
