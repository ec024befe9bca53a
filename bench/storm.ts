import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median, table } from './measure.ts';

interface Storm {
  readonly ms: number;
  readonly good: number;
  readonly sendings: number;
  readonly tokenRequests: number;
  readonly revoked: boolean;
  readonly rssPerCaller: number;
}

const child = fileURLToPath(new URL('./storm-child.ts', import.meta.url));
const WHO = ['bare', 'hand-written', 'fetch-extras', 'latchkey'];

/** N concurrent calls with an expired token, each contender in fresh processes, in turn. */
export function benchStorm(n: number, rounds: number): void {
  const runs: Record<string, Storm[]> = Object.fromEntries(WHO.map((who) => [who, []]));
  for (let round = 0; round < rounds; round++)
    for (const who of WHO)
      runs[who]?.push(
        JSON.parse(execFileSync(process.execPath, [child, who, String(n)], { encoding: 'utf8' })),
      );
  const floor = median((runs['bare'] ?? []).map(({ ms }) => ms));
  const rows = WHO.map((who) => {
    const storms = runs[who] ?? [];
    const ms = median(storms.map((storm) => storm.ms));
    const last = storms.at(-1) as Storm;
    return [
      who === 'bare' ? 'N bare 401s + 1 refresh + N bare 200s' : who,
      `${ms.toFixed(0)} ms`,
      `×${(ms / floor).toFixed(2)}`,
      range(storms.map((storm) => storm.tokenRequests)),
      range(storms.map((storm) => storm.sendings / n)),
      String(n - last.good),
      `${(median(storms.map((storm) => storm.rssPerCaller)) / 1000).toFixed(1)} kB`,
    ];
  });
  const head = ['', 'time', 'ratio', 'token requests', 'sendings ÷ N', 'failures', 'RSS a caller'];
  console.log(
    `\n### Storm: ${n.toLocaleString('en')} concurrent calls with an expired token\n\n${table(head, rows)}`,
  );
}

function range(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? String(low) : `${low}–${high}`;
}
