import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

// Needs a collector that can be called, and a young generation that holds a whole batch.
const FLAGS = ['--expose-gc', '--max-semi-space-size=128', '--min-semi-space-size=128'];
const [part] = process.argv.slice(2);

if (!(globalThis as { gc?: unknown }).gc) {
  const self = fileURLToPath(import.meta.url);
  execFileSync(process.execPath, [...FLAGS, self, ...process.argv.slice(2)], { stdio: 'inherit' });
} else {
  const { benchCalls } = await import('./calls.ts');
  const { benchStores } = await import('./stores.ts');
  const { benchStorm } = await import('./storm.ts');
  const { benchArrivals } = await import('./arrivals.ts');
  const { benchParser } = await import('./parser.ts');
  const { benchSize } = await import('./size.ts');
  const parts: Record<string, () => unknown> = {
    calls: benchCalls,
    stores: benchStores,
    storm: () => {
      benchStorm(10_000, 5);
      benchStorm(100_000, 3);
    },
    arrivals: benchArrivals,
    parser: benchParser,
    size: benchSize,
  };
  console.log(
    `Node ${process.version}, ${cpus().length} cores; medians, contenders in turn within each round`,
  );
  for (const [name, run] of Object.entries(parts)) if (part === undefined || part === name) await run();
}
