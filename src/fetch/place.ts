import type { UnauthorizedReason } from '../protocol/outcome.js';
import type { Call } from './call.js';
import { detach } from './detach.js';
import { readUrl } from './url.js';

/**
 * Where a refusal came from after redirects that fetch followed by itself. Undefined: from where the call went,
 * or from where it can be repeated, and then the call goes there now.
 */
export function whereRefused(call: Call, response: Response): UnauthorizedReason | undefined {
  const { rest, url } = call;
  if (rest?.left) return 'other-origin';
  const final = response.url;
  if (rest?.byHand || !final || !wasRedirected(response, url)) return undefined;
  const to = readUrl(final);
  if (to === undefined || to.origin !== readUrl(url)?.origin) return 'other-origin';
  const { method } = call;
  // on the way a POST may have become a GET: nobody can tell
  if (method !== 'GET' && method !== 'HEAD') return 'redirected';
  if (call.request !== undefined) void detach(call);
  call.url = final;
  return undefined;
}

/** React Native does not say whether, only where to; the Edge Runtime's VM always says no. */
function wasRedirected(response: Response, url: string): boolean {
  const { redirected } = response;
  if (redirected || (redirected === false && !('EdgeRuntime' in globalThis))) return redirected;
  const plain = (text: string) => text.replace(/#.*$/, '').replace(/\/$/, '');
  return plain(response.url) !== plain(readUrl(url)?.href ?? url);
}
