/** The middle one: a run is moved by 10 % by whatever else the machine does. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export interface Cost {
  /** Nanoseconds a call. */
  readonly ns: number;
  /** Bytes allocated a call. */
  readonly bytes: number;
}

type Call = () => Promise<unknown>;

const BATCH = 2_000;
const ROUNDS = 31;

/** Nanoseconds and bytes a call of each contender, in turn within every round, so that all meet the same weather. */
export async function compare(contenders: Readonly<Record<string, Call>>): Promise<Record<string, Cost>> {
  const gc = (globalThis as { gc?: () => void }).gc;
  if (!gc) throw new Error('run with --expose-gc');
  const names = Object.keys(contenders);
  const times: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  const sizes: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) await batch(contenders[name] as Call, 3 * BATCH);
  for (let round = 0; round < ROUNDS; round++) {
    // Another order each time: who comes first in a round pays for the last one's garbage.
    for (const name of rotated(names, round)) {
      gc();
      const before = process.memoryUsage().heapUsed;
      const start = process.hrtime.bigint();
      await batch(contenders[name] as Call, BATCH);
      const took = Number(process.hrtime.bigint() - start);
      const grew = process.memoryUsage().heapUsed - before;
      times[name]?.push(took / BATCH);
      if (grew > 0) sizes[name]?.push(grew / BATCH);
    }
  }
  return Object.fromEntries(
    names.map((name) => [name, { ns: median(times[name] ?? []), bytes: median(sizes[name] ?? []) }]),
  );
}

async function batch(call: Call, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await call();
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

/** A table of Markdown, so that it can be pasted. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
