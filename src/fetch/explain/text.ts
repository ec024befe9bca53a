/** A first sentence, and a line for each thing that is known. */
export function text(
  first: string,
  lines: readonly (readonly [label: string, what: string | undefined])[],
): string {
  const told = lines.filter(([, what]) => what !== undefined && what !== '');
  return [first, ...told.map(([label, what]) => `  ${label}: ${what}`)].join('\n');
}
