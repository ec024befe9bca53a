import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

/** A program as Debian installs it. */
export interface Program {
  readonly path: string;
  readonly package: string;
}

/** What of it cannot be run, in words; undefined: all is there. */
export function missingOf(programs: readonly Program[]): string | undefined {
  const packages = programs.filter(({ path }) => !canRun(path)).map((program) => program.package);
  return packages.length > 0 ? `it is not installed (Debian: ${packages.join(', ')})` : undefined;
}

/** Root may install what is missing; for everybody else the table says what it is. */
export function aptInstall(programs: readonly Program[]): void {
  if (process.getuid?.() !== 0 || missingOf(programs) === undefined) return;
  const packages = programs.map((program) => program.package);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, stdio: 'inherit' } as const;
  try {
    execFileSync('apt-get', ['update', '-qq'], options);
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
  } catch (error) {
    console.error(String(error));
  }
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
