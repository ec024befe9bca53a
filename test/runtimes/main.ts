import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Report } from '../behaviour/case.ts';
import { runtimeNames } from '../behaviour/runtimes.ts';
import { pack } from './pack.ts';
import { here } from './places.ts';
import type { Runtime } from './runtime.ts';
import { startServer } from './server.ts';
import { summaryOf, tableOf } from './table.ts';

const { values: given, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    /** Installs what is missing first. */
    install: { type: 'boolean', default: false },
    /** Only the cases whose group or name contains this. */
    only: { type: 'string', default: '' },
    /** Where the counts go, in the form of vitest's JSON. */
    outputFile: { type: 'string' },
  },
});
const onCi = process.env['CI'] === 'true';

const install = (cwd: string) => execFileSync('npm', ['ci', '--ignore-scripts'], { cwd, stdio: 'inherit' });
if (given.install) install(here);

const all: Runtime[] = [];
for (const folder of readdirSync(here).sort()) {
  const file = `${here}${folder}/run.ts`;
  if (!existsSync(file)) continue;
  const { runtimes } = (await import(file)) as { runtimes: readonly Runtime[] };
  all.push(...runtimes);
}
all.sort((a, b) => runtimeNames.indexOf(a.name) - runtimeNames.indexOf(b.name));
const unknown = wanted.filter((name) => !all.some((runtime) => runtime.name.startsWith(name)));
if (unknown.length > 0) throw new Error(`There is no runtime ${unknown.join(', ')}`);
const chosen = all.filter(({ name }) => wanted.length === 0 || wanted.some((of) => name.startsWith(of)));
if (given.install) {
  const folders = new Set(chosen.flatMap(({ packages }) => packages ?? []));
  for (const folder of folders) install(folder);
}

const packed = pack();
const server = await startServer();
const reports: Report[] = [];
const missing: { name: string; reason: string }[] = [];
try {
  for (const runtime of chosen) {
    const reason = runtime.available();
    if (reason !== undefined) {
      missing.push({ name: runtime.name, reason });
      continue;
    }
    const begun = performance.now();
    const report = await runtime.run({ pack: packed, server, only: given.only }).catch(
      (error: unknown): Report => ({
        runtime: runtime.name,
        version: runtime.version(),
        passed: 0,
        failed: [{ name: 'the run itself', error: error instanceof Error ? error.message : String(error) }],
        skipped: [],
      }),
    );
    reports.push(report);
    console.log(`${summaryOf(report)} in ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
    for (const { name, error } of report.failed)
      console.log(`  FAILED ${name}\n    ${error.replaceAll('\n', '\n    ')}`);
  }
} finally {
  await server.close();
}

console.log(`\n${tableOf(reports, missing)}`);
const sum = (count: (report: Report) => number) =>
  reports.reduce((total, report) => total + count(report), 0);
const failed = sum((report) => report.failed.length);
if (given.outputFile !== undefined) {
  const counts = {
    numPassedTests: sum((report) => report.passed),
    numFailedTests: failed,
    // a case that cannot hold is listed with its reason; a runtime that is not there is a test that did not run
    numPendingTests: missing.length,
    numTodoTests: 0,
  };
  writeFileSync(given.outputFile, JSON.stringify(counts));
}
if (failed > 0 || (onCi && missing.length > 0) || reports.length === 0) process.exitCode = 1;
