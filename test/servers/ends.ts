import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs a program that closes its session; how it ended, or 'still running' where that takes long. */
export function endOf(kind: string, port: number): Promise<number | string | null> {
  const program = fileURLToPath(new URL('close-child.ts', import.meta.url));
  const child = spawn(process.execPath, [program, kind, String(port)], { stdio: 'inherit' });
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve('still running');
      child.kill('SIGKILL');
    }, 15_000);
    child.once('exit', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}
