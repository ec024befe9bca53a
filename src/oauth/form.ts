/** Parameters added to a URL's query; what it has already is kept (RFC 6749, section 3.1). */
export function withQuery(url: string, parameters: Readonly<Record<string, string>>): string {
  const query = Object.entries(parameters)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  const joint = !url.includes('?') ? '?' : /[?&]$/.test(url) ? '' : '&';
  return url + joint + query;
}

/**
 * A URL's query by name, or undefined where it is not well-formed or says something twice (RFC 6749, section 3.1).
 * By hand: React Native's URL and URLSearchParams do not parse by the standard.
 */
export function queryOf(url: string): ReadonlyMap<string, string> | undefined {
  const [address = ''] = url.split('#', 1);
  const from = address.indexOf('?');
  const found = new Map<string, string>();
  for (const pair of from < 0 ? [] : address.slice(from + 1).split('&')) {
    if (pair === '') continue;
    const cut = pair.indexOf('=');
    const name = decoded(cut < 0 ? pair : pair.slice(0, cut));
    const value = decoded(cut < 0 ? '' : pair.slice(cut + 1));
    if (name === undefined || value === undefined || found.has(name)) return undefined;
    found.set(name, value);
  }
  return found;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
