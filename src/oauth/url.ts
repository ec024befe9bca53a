// Not `new URL`: React Native's does not parse by the standard, and what is compared must stay as it was written.
const web = /^(https?):\/\/([^/?#@\\]+)(\/[^?#\\]*)?(\?[^#\\]*)?$/i;
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;
const visible = /^[!-~]+$/;

/** Why credentials cannot be sent to this URL (RFC 6749, section 3.2), or undefined. */
export function endpointFault(url: string): string | undefined {
  const parts = visible.test(url) ? web.exec(url) : null;
  if (!parts || !parses(url)) return 'must be an absolute https URL without user, password and fragment';
  return isHttps(url) || loopback.test(parts[2] ?? '')
    ? undefined
    : 'must be https: http is for loopback only';
}

/** Why this is no issuer identifier (RFC 8414, section 2), or undefined. */
export function issuerFault(url: string): string | undefined {
  const fault = endpointFault(url) ?? (url.includes('?') ? 'must have no query' : undefined);
  // They would lead out of the well-known place (RFC 8414, section 3.1), to what others keep on that host.
  return fault ?? (/\/(?:\.|%2e){1,2}(?:\/|$)/i.test(url) ? 'must have no dot segments' : undefined);
}

export function isHttps(url: string): boolean {
  return /^https:/i.test(url);
}

function parses(url: string): boolean {
  try {
    return new URL(url) !== undefined;
  } catch {
    return false;
  }
}
