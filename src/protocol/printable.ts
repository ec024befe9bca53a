const BLOT = '[secret]';
const LIMIT = 200;

/**
 * Text of a server for an error or event: only %x20–7E, at most 200 characters, held secrets blotted out.
 * What is no string is nothing.
 */
export function printable(text: string, secrets: readonly (string | undefined)[] = []): string {
  if (typeof text !== 'string') return '';
  // The longest first: one secret may begin with another.
  const held = secrets.filter((secret) => typeof secret === 'string' && secret !== '') as string[];
  held.sort((a, b) => b.length - a.length);
  const shown = around([text], held).map((part) => part.replace(/[^ -~]/g, '?'));
  // Once more: with a control character replaced a secret may have come about.
  return around(shown, held).join(BLOT).slice(0, LIMIT);
}

/** What is left between secrets: nothing is looked for in what stands for one. */
function around(texts: readonly string[], secrets: readonly string[]): readonly string[] {
  return secrets.reduce((parts, secret) => parts.flatMap((part) => part.split(secret)), texts);
}
