import { originText } from '../../protocol/path-space.js';

/** Where a request goes: its origin, and the request-target as it is sent (RFC 9112, section 3.2.1). */
export interface Place {
  readonly origin: string;
  /** Path and query, percent-encoded as on the wire; no fragment. */
  readonly target: string;
}

/** Read by the platform's URL where that is the standard's, because fetch does so too; React Native's is not. */
export function placeOf(url: string): Place {
  const { URL } = globalThis;
  try {
    if (new URL('HTTPS://h:443/a/../b c').href === 'https://h/b%20c') {
      const { origin, pathname, search } = new URL(url);
      return { origin, target: pathname + search };
    }
  } catch {
    // by text
  }
  const origin = originText(url);
  const rest = url.slice(origin.length).replace(/#[\s\S]*/, '');
  const target = rest.replace(/[^!-~]|["<>]/gu, percentEncoded);
  return { origin, target: target.startsWith('/') ? target : `/${target}` };
}

function percentEncoded(character: string): string {
  return encodeURIComponent(/[\ud800-\udfff]/u.test(character) ? '\ufffd' : character);
}
