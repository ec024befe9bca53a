// npm run test:bundlers [-- --install] [-- options of vitest]
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const options = process.argv.slice(2);
const args = options.filter((option) => option !== '--install');

function run(command: string, ...of: string[]): void {
  const { status, error } = spawnSync(command, of, { stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

if (args.length < options.length) run('npm', 'ci', '--prefix', here, '--ignore-scripts');
if (!existsSync(`${here}node_modules`)) {
  console.error('The bundlers are not installed: npm run test:bundlers -- --install');
  process.exit(1);
}
run('tsc', '-p', here);
run('vitest', 'run', '--config', `${here}vitest.config.ts`, ...args);
