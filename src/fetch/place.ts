import type { UnauthorizedReason } from '../protocol/outcome.js';
import { originByText } from '../protocol/protection-space.js';
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
  const final = rest?.byHand ? undefined : followedTo(response, url);
  if (final === undefined) return undefined;
  const to = readUrl(final);
  if (to === undefined || to.origin !== readUrl(url)?.origin) return 'other-origin';
  const { method } = call;
  // on the way a POST may have become a GET: nobody can tell
  if (method !== 'GET' && method !== 'HEAD') return 'redirected';
  if (call.request !== undefined) void detach(call);
  call.url = final;
  return undefined;
}

/** Where the platform was led by redirects that it followed by itself. */
export function followedTo({ url, redirected }: Response, sentTo: string): string | undefined {
  // React Native does not say whether, only where to; the Edge Runtime's VM always says no
  const isSaid = redirected || (redirected === false && !('EdgeRuntime' in globalThis));
  const is = isSaid ? redirected : plain(url) !== plain(sentTo);
  return is && url ? url : undefined;
}

/** As a native side may have written it: host, percent-encodings and a slash at the end are its own. */
function plain(url: string): string {
  const [, host = '', rest = ''] = /^([^/]*\/\/[^/?#]*)([^#]*)/.exec(url) ?? [];
  try {
    const path = encodeURI(rest).replace(/%25/g, '%').replace(/'/g, '%27');
    return (originByText(host) ?? host) + path.replace(/^(?=\?)/, '/').replace(/\/$/, '');
  } catch {
    return url;
  }
}
