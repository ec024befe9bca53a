/** The scheme and authority of an absolute URL, as text: React Native's URL is not the standard one. */
export function originText(url: string): string {
  return (/^[a-z][a-z\d+.-]*:\/\/[^/?#\\]*/i.exec(url)?.[0] ?? '').toLowerCase();
}

/** The URL up to the last slash of its path: what probably lies in one protection space with it (RFC 7617, section 2.2). */
export function directoryOf(url: string): string {
  const origin = originText(url);
  const path = url.slice(origin.length).replace(/[?#][\s\S]*/, '');
  return origin + (path.slice(0, path.lastIndexOf('/') + 1) || '/');
}

/** Whether the URL is at or below the directory. One with dot segments may lead out of it and is not. */
export function isBelow(directory: string, url: string): boolean {
  if (!url.startsWith(directory)) return false;
  const path = url.slice(directory.length - 1).replace(/[?#][\s\S]*/, '');
  return !/\\|[/](?:\.|%2e)/i.test(path);
}
