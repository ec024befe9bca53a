const UNITS: readonly (readonly [string, number])[] = [
  ['days', 86_400_000],
  ['hours', 3_600_000],
  ['minutes', 60_000],
];

/** A duration in plain words, in the largest unit of which there are two. */
export function span(ms: number): string {
  const length = Math.abs(ms);
  for (const [unit, size] of UNITS) if (length >= 2 * size) return `${Math.round(length / size)} ${unit}`;
  const seconds = Math.round(length / 1_000);
  if (seconds === 0) return 'less than a second';
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}
