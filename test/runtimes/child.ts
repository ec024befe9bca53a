import { spawn } from 'node:child_process';
import type { Report } from '../behaviour/case.ts';

/** How long a process may take to end after its report: unused connections are kept for a few seconds. */
const PATIENCE_MS = 20_000;

/** A run that is a process: its last line of output that is JSON is the report. */
export function reportOf(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Record<string, string>; readonly limitMs?: number },
): Promise<Report> {
  const { cwd, env = {}, limitMs = 300_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let errors = '';
    let late = setTimeout(() => child.kill('SIGKILL'), limitMs);
    child.stdout.on('data', (chunk) => {
      out += chunk;
      // nothing of latchkey keeps a process alive
      if (!/^\{"runtime".*\}\n/m.test(out)) return;
      clearTimeout(late);
      late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(late);
      const report = out
        .split('\n')
        .filter((line) => line.startsWith('{"runtime"'))
        .at(-1);
      if (report !== undefined && code === 0) return resolve(JSON.parse(report) as Report);
      reject(
        new Error(`${command} ended with ${signal ?? code}\n${out.slice(-2_000)}\n${errors.slice(-4_000)}`),
      );
    });
  });
}
