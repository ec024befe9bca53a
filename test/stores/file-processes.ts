import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Posting } from '../support/oidc/index.ts';

/** What a process says of itself when it is told to stop. */
export interface Report {
  refreshed: number;
  adopted: number;
  longestMs: number;
  failed: string[];
  signedOut: number;
}

/** A process over the file, which can be killed, stopped for a while, and told to report. */
export class Actor {
  readonly name: string;
  readonly child: ChildProcess;
  killed = false;
  readonly gone: Promise<void>;
  #report: Report | undefined;
  output = '';

  constructor(path: string, issuer: string, name: string) {
    this.name = name;
    this.child = fork(fileURLToPath(new URL('file-child.ts', import.meta.url)), [path, issuer, name], {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    this.child.on('message', (report: Report) => {
      this.#report = report;
    });
    this.gone = new Promise((resolve) => this.child.once('exit', () => resolve()));
  }

  kill(): void {
    this.killed = true;
    this.child.kill('SIGKILL');
  }

  async sleep(ms: number): Promise<void> {
    this.child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.child.kill('SIGCONT');
  }

  async stop(): Promise<Report> {
    this.child.send('stop');
    await this.gone;
    if (!this.#report) throw new Error(`${this.name} did not report: ${this.output}`);
    return this.#report;
  }
}

/** Refresh tokens that came twice although the process that spent them first was not killed while it did. */
export function unexplained(postings: readonly Posting[], killed: ReadonlySet<string>): Posting[] {
  const spent = new Map<string, number>();
  return postings.filter((posting, i) => {
    const first = spent.get(posting.token);
    if (first === undefined) {
      if (posting.status === 200) spent.set(posting.token, i);
      return false;
    }
    const { by } = postings[first] as Posting;
    const wentOn = postings.slice(first + 1).some((later) => later.by === by);
    return !killed.has(by) || wentOn;
  });
}
