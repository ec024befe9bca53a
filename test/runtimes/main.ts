import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Report } from '../behaviour/case.ts';
import { findRuntimes } from './find.ts';
import { pack } from './pack.ts';
import { here, root } from './places.ts';
import type { Runtime, Stage } from './runtime.ts';
import { startServer } from './server.ts';
import { filledIn, type Missing, reasonsOf, summaryOf, tableOf } from './table.ts';

const { values: given, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    /** Installs what is missing first. */
    install: { type: 'boolean', default: false },
    /** Only the cases whose group and name contain this. */
    only: { type: 'string', default: '' },
    /** Where the counts go, in the form of vitest's JSON. */
    outputFile: { type: 'string' },
    /** Fills the table of README in. */
    readme: { type: 'boolean', default: false },
  },
});

if (given.readme && (wanted.length > 0 || given.only !== '')) {
  throw new Error('--readme is for a run of everything');
}
if (given.install) execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: here, stdio: 'inherit' });
const { runtimes, install, absent } = await findRuntimes(wanted);
if (given.install) await install();

const missing: Missing[] = absent.map((name) => ({ name, reason: 'nothing here runs it' }));
const reports: Report[] = [];
const packed = pack();
const server = await startServer();
try {
  for (const runtime of runtimes) {
    const reason = runtime.available();
    if (reason === undefined)
      reports.push(await runAndTell(runtime, { pack: packed, server, only: given.only }));
    else missing.push({ name: runtime.name, reason });
  }
} finally {
  await server.close();
}

const table = `${tableOf(reports, missing)}\n\nWhat cannot hold, and why:\n\n${reasonsOf(reports)}`;
console.log(`\n${table}`);
if (given.readme)
  writeFileSync(`${root}README.md`, filledIn(readFileSync(`${root}README.md`, 'utf8'), table));

const sum = (count: (report: Report) => number) =>
  reports.reduce((total, report) => total + count(report), 0);
const failed = sum((report) => report.failed.length);
if (given.outputFile !== undefined) {
  const counts = {
    numPassedTests: sum((report) => report.passed),
    numFailedTests: failed,
    // what cannot hold is no test that was skipped: it is listed with its reason. A runtime that is not there is.
    numPendingTests: missing.length,
    numTodoTests: 0,
  };
  writeFileSync(given.outputFile, JSON.stringify(counts));
}
const mayNotSkip = process.env['CI'] === 'true';
if (failed > 0 || reports.length === 0 || (mayNotSkip && missing.length > 0)) process.exitCode = 1;

async function runAndTell(runtime: Runtime, stage: Stage): Promise<Report> {
  const begun = performance.now();
  const report = await runtime.run(stage).catch(
    (error: unknown): Report => ({
      runtime: runtime.name,
      version: runtime.version(),
      passed: 0,
      failed: [{ name: 'the run itself', error: error instanceof Error ? error.message : String(error) }],
      skipped: [],
    }),
  );
  console.log(`${summaryOf(report)}, in ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  for (const { name, error } of report.failed) {
    console.log(`  FAILED ${name}\n    ${error.replaceAll('\n', '\n    ')}`);
  }
  if (report.passed + report.failed.length === 0) throw new Error(`${runtime.name} ran no case`);
  return report;
}
