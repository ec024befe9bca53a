/**
 * Does the text of this URL begin with one of these origins, and end there or go on with a path, query or fragment?
 * Where it does, every parser agrees that the origin is that one (RFC 9110, section 11.5).
 */
export function beginsInside(url: string, origins: readonly string[]): boolean {
  for (let i = 0; i < origins.length; i++) {
    const origin = origins[i] as string;
    if (!url.startsWith(origin)) continue;
    const next = url.charCodeAt(origin.length);
    // '/' '?' '#' or the end
    if (next === 47 || next === 63 || next === 35 || Number.isNaN(next)) return true;
  }
  return false;
}

/** https, or http to loopback: what may carry credentials (RFC 9110, section 17.16.1). */
export function isConfidential(origin: string): boolean {
  return origin.startsWith('https://') || isLoopback(origin);
}

function isLoopback(origin: string): boolean {
  const host = /^http:\/\/(\[[^\]]*\]|[^:/]*)/.exec(origin)?.[1];
  if (host === undefined) return false;
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '[::1]' ||
    /^127(?:\.\d{1,3}){3}$/.test(host)
  );
}

/** The origin of an absolute http(s) URL in its plainest form, for platforms whose `URL` is not the standard's. */
export function originByText(url: string): string | undefined {
  const parts = /^(https?):\/\/([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?(?=[/?#]|$)/i.exec(url);
  if (parts === null) return undefined;
  const scheme = (parts[1] as string).toLowerCase();
  const port = parts[3] === undefined ? undefined : Number(parts[3]);
  const isDefault = port === undefined || port === (scheme === 'https' ? 443 : 80);
  return `${scheme}://${(parts[2] as string).toLowerCase()}${isDefault ? '' : `:${port}`}`;
}
