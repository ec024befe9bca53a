import { type ChildProcess, spawn } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe } from 'vitest';

/** A server that others have made, as Debian installs it. */
export interface Program {
  /** What its executable is called. */
  readonly name: string;
  /** The Debian packages that bring it. */
  readonly packages: readonly string[];
  /** Where it is, besides the usual places. */
  readonly folders?: readonly string[];
}

/** How one is set up and started. */
export interface Setup {
  /** Files by their path below the server's folder. */
  readonly files: (place: Place) => Readonly<Record<string, string>>;
  /** Its command line; it must stay in the foreground. */
  readonly args: (place: Place) => readonly string[];
  /** What is done first, by the path of its executable. */
  readonly prepare?: (place: Place, binary: string) => void;
  /** Put before its command line, such as what changes the user. */
  readonly through?: readonly string[];
  /** It ends then, also where nobody is left to stop it, in seconds. @default 120 */
  readonly longestLife?: number;
  /** Rejects while it does not answer. @default an HTTP request */
  readonly answers?: (place: Place) => Promise<unknown>;
}

export interface Place {
  /** A temporary folder of its own. */
  readonly folder: string;
  /** A port of 127.0.0.1 that was free. */
  readonly port: number;
}

export interface Running extends Place {
  readonly origin: string;
  /** A file of its folder, such as a log. */
  read(path: string): string;
  stop(): Promise<void>;
}

const LONGEST_LIFE = 120;
const PATIENCE_MS = 15_000;

function find({ name, folders: others = [] }: Program): string | undefined {
  const folders = [
    ...(process.env['PATH'] ?? '').split(':'),
    '/usr/sbin',
    '/usr/local/sbin',
    '/usr/bin',
    ...others,
  ];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** `describe` for a suite that needs this server: where it is not installed its tests are skipped, and it says so. */
export function describeServer(program: Program, title: string, suite: () => void): void {
  const isThere = find(program) !== undefined;
  if (!isThere) {
    console.error(
      `\n!!! ${program.name} is not installed: the tests of "${title}" are SKIPPED, which proves nothing.` +
        `\n!!! Install it: apt-get install --no-install-recommends ${program.packages.join(' ')}\n`,
    );
  }
  describe.skipIf(!isThere)(title, suite);
}

/** Starts it, on a free port where none is named, and waits until it answers. */
export async function startServer(program: Program, setup: Setup, port?: number): Promise<Running> {
  const binary = find(program);
  if (binary === undefined) throw new Error(`${program.name} is not installed`);
  const place: Place = {
    folder: mkdtempSync(join(tmpdir(), `${program.name}-`)),
    port: port ?? (await freePort()),
  };
  // what it runs as may be another user
  chmodSync(place.folder, 0o755);
  for (const [path, text] of Object.entries(setup.files(place))) {
    const file = join(place.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  setup.prepare?.(place, binary);
  const limits = ['--signal=TERM', '--kill-after=5', String(setup.longestLife ?? LONGEST_LIFE)];
  const child = spawn('timeout', [...limits, ...(setup.through ?? []), binary, ...setup.args(place)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const read = (path: string) => readFileSync(join(place.folder, path), 'utf8');
  const origin = `http://127.0.0.1:${place.port}`;
  try {
    await answers(setup.answers ? () => setup.answers?.(place) : () => over(fetch(origin)), child);
  } catch (error) {
    await stop(child, place.folder);
    throw new Error(`${program.name} does not answer: ${output}`, { cause: error });
  }
  return { ...place, origin, read, stop: () => stop(child, place.folder) };
}

/** The process, by its id, and its folder; `timeout` hands the signal on. */
async function stop(child: ChildProcess, folder: string): Promise<void> {
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  if (!isOver()) {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
}

async function answers(asked: () => unknown, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    try {
      await asked();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function over(asked: Promise<Response>): Promise<void> {
  await (await asked).body?.cancel();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
