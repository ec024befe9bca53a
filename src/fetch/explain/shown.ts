import { printable } from '../../protocol/printable.js';

/** What looks like a JWT, like the value of an Authorization field, or is a user or query in a URL. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/ey[Jj][\w-]{10,}(?:\.[\w-]*)*/g, '***'],
  [/\b([Bb]asic|[Bb]earer|D[Pp]o[Pp]) +(?=\S*(?:[\d=]|[a-z][A-Z]))[\w.~+/-]{8,}=*/g, '$1 ***'],
  [/:\/\/[^\s/?#"']*@/g, '://'],
  [/(:\/\/[^\s?#"']*)[?#][^\s"')>]*/g, '$1'],
];
const READ = 2_048;

/** A text of the server's, as it may be shown: printable, short, and without what looks like a secret. */
export function shown(text: unknown): string {
  if (typeof text !== 'string') return '';
  let rest = text.slice(0, READ);
  for (const [secret, instead] of SECRETS) rest = rest.replace(secret, instead);
  return printable(rest);
}

/** The name of an error or a code, where it looks like one. */
export function nameIn(value: unknown): string | undefined {
  return typeof value === 'string' && /^[A-Za-z]\w{0,40}$/.test(value) ? value : undefined;
}

/** An auth-scheme as its RFC writes it: challenges have it in lower case. */
export function schemeName(scheme: string): string {
  const names: Readonly<Record<string, string>> = {
    basic: 'Basic',
    bearer: 'Bearer',
    digest: 'Digest',
    dpop: 'DPoP',
    negotiate: 'Negotiate',
  };
  return Object.hasOwn(names, scheme) ? (names[scheme] as string) : shown(scheme);
}
