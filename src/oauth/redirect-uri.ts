import { misuse } from './misuse.js';

/** An absolute URI without a fragment (RFC 6749, section 3.1.2); an app may have a scheme of its own (RFC 8252, section 7.1). */
export function redirectUriOf(options: { readonly redirectUri?: unknown } | null | undefined): string {
  const uri = options?.redirectUri;
  const absolute = typeof uri === 'string' && /^[a-z][a-z\d+.-]*:[!-~]+$/i.test(uri) && !uri.includes('#');
  if (!absolute || /^(?:javascript|data|blob|vbscript):/i.test(uri)) {
    return misuse('redirectUri', 'must be an absolute URI without a fragment');
  }
  return uri;
}
