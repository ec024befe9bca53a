import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Entry, Life } from './file-journal.ts';

export interface Run {
  readonly path: string;
  readonly issuer: string;
  /** Where the processes write what they do, each into a file of its own. */
  readonly journals: string;
  /** In base64, with commas between them; '': plain text. */
  readonly keys: string;
}

/** A process over the file, which can be killed, stopped for a while, and told to end. */
export class Actor {
  readonly name: string;
  readonly child: ChildProcess;
  killed = false;
  sleeping = false;
  readonly stops: { readonly at: number; to: number }[] = [];
  readonly gone: Promise<void>;
  readonly #journal: string;
  output = '';

  constructor({ path, issuer, journals, keys }: Run, name: string) {
    this.name = name;
    this.#journal = `${journals}/${name}`;
    const given = [path, issuer, name, this.#journal, keys];
    this.child = fork(fileURLToPath(new URL('file-child.ts', import.meta.url)), given, {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    this.gone = new Promise((resolve) => this.child.once('exit', () => resolve()));
  }

  kill(): void {
    this.killed = true;
    this.child.kill('SIGKILL');
  }

  async sleep(ms: number): Promise<void> {
    if (this.sleeping || this.killed) return;
    this.sleeping = true;
    const stop = { at: Date.now(), to: Number.POSITIVE_INFINITY };
    this.stops.push(stop);
    this.child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.child.kill('SIGCONT');
    stop.to = Date.now();
    this.sleeping = false;
  }

  async stop(): Promise<void> {
    this.child.send('stop');
    await this.gone;
    if (this.child.exitCode !== 0) throw new Error(`${this.name} ended badly: ${this.output}`);
  }

  life(): Life {
    return { name: this.name, killed: this.killed, stops: this.stops, journal: this.#entries() };
  }

  #entries(): Entry[] {
    try {
      const lines = readFileSync(this.#journal, 'utf8').split('\n');
      // What a kill cut off is no entry.
      return lines.slice(0, -1).map((line) => JSON.parse(line) as Entry);
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ENOENT') return [];
      throw error;
    }
  }
}
