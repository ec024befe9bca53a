// node bundle.ts NAME JOBS: what a bundler makes of them, as JSON. In a process of its own, so that nothing it prints is missed.
import type { Bundled, Bundler, Job } from './with/bundler.ts';

const [name = '', jobs = '[]'] = process.argv.slice(2);
const { bundle } = (await import(`./with/${name}.ts`)) as { bundle: Bundler };
const bundled: Bundled[] = [];
for (const job of JSON.parse(jobs) as Job[]) bundled.push(await bundle(job));
process.stdout.write(JSON.stringify(bundled), () => process.exit());
