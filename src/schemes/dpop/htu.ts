/** The target URI without query and fragment, normalized as fetch sends it (RFC 9449, sections 4.2 and 4.3). */
export function htuOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

/** '' for what is no URL: not every platform's responses have one. */
export function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return '';
  }
}
