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
  /** Nanoseconds above the first contender's, of the same round: what both have in common cancels out. */
  readonly above: number;
  /** Bytes allocated a call. */
  readonly bytes: number;
}

type Call = () => Promise<unknown>;

const BATCH = 500;
const ROUNDS = 301;
const MEMORY_BATCH = 1_000;
const MEMORY_ROUNDS = 9;

/** Nanoseconds and bytes a call of each contender, in turn within every round, so that all meet the same weather. */
export async function compare(contenders: Readonly<Record<string, Call>>): Promise<Record<string, Cost>> {
  const names = Object.keys(contenders);
  for (const name of names) await batch(contenders[name] as Call, 40 * BATCH);
  const times = await eachRound(names, ROUNDS, async (name) => {
    const start = process.hrtime.bigint();
    await batch(contenders[name] as Call, BATCH);
    return Number(process.hrtime.bigint() - start) / BATCH;
  });
  // Apart: a forced collection throws compiled code away too, and whoever runs after it pays for that.
  const gc = (globalThis as { gc?: () => void }).gc;
  if (!gc) throw new Error('run with --expose-gc');
  const sizes = await eachRound(names, MEMORY_ROUNDS, async (name) => {
    gc();
    const before = process.memoryUsage().heapUsed;
    await batch(contenders[name] as Call, MEMORY_BATCH);
    return (process.memoryUsage().heapUsed - before) / MEMORY_BATCH;
  });
  const floor = times[names[0] as string] ?? [];
  return Object.fromEntries(
    names.map((name) => {
      const own = times[name] ?? [];
      const above = median(own.map((ns, round) => ns - (floor[round] as number)));
      return [name, { ns: median(own), above, bytes: median(sizes[name] ?? []) }];
    }),
  );
}

/** Another order each round: who comes first pays for what the last one left. */
async function eachRound(
  names: readonly string[],
  rounds: number,
  measure: (name: string) => Promise<number>,
): Promise<Record<string, number[]>> {
  const measured: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const name of rotated(names, round)) measured[name]?.push(await measure(name));
  return measured;
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
