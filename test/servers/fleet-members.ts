import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Still, Turn, Wait } from './fleet-account.ts';
import type { Order, Word } from './fleet-child.ts';
import { clock } from './fleet-clock.ts';

interface Member {
  readonly name: string;
  readonly child: ChildProcess;
  stopped: boolean;
  /** When it last told that it lives. */
  alive: number;
}

interface Plan extends Omit<Order, 'name' | 'client'> {
  /** One after another of them is what the next process uses. */
  readonly clients: readonly Order['client'][];
  /** For how long the next one that stops is stopped, in milliseconds. */
  readonly stopMs: () => number;
  /** Somebody is to sign in. */
  readonly ended: (key: string) => void;
}

/** The processes of a fleet: what is done to them, and what they tell. */
export class Members {
  readonly #plan: Plan;
  readonly #members = new Map<string, Member>();
  #births = 0;
  readonly turns = new Map<string, Turn>();
  readonly stills: Still[] = [];
  readonly kills = new Map<string, number>();
  readonly waits: Wait[] = [];
  readonly failures: Record<string, number> = {};
  calls = 0;
  stops = 0;
  latePosts = 0;
  unreadable = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  get names(): readonly string[] {
    return [...this.#members.keys()];
  }

  add(): void {
    const { clients, stopMs: _, ended: __, ...order } = this.#plan;
    const name = `p${++this.#births}`;
    const client = clients[this.#births % clients.length] ?? 'ioredis';
    const child = fork(fileURLToPath(new URL('fleet-child.ts', import.meta.url)), { stdio: 'inherit' });
    const member: Member = { name, child, stopped: false, alive: clock() };
    child.on('message', (word: Word) => this.#hear(member, word));
    child.on('error', () => {});
    child.send({ ...order, name, client } satisfies Order);
    this.#members.set(name, member);
  }

  /** Kills it with -9, and starts another one. */
  kill(name: string): void {
    const member = this.#members.get(name);
    if (!member || member.stopped) return;
    this.#members.delete(name);
    const now = clock();
    this.kills.set(name, now);
    // what it did since it cannot tell any more
    this.stills.push({ by: name, from: member.alive, to: now });
    member.child.kill('SIGKILL');
    this.add();
  }

  stop(name: string): void {
    const member = this.#members.get(name);
    if (!member || member.stopped) return;
    member.child.kill('SIGSTOP');
    this.#stopped(member, clock());
  }

  /** Whoever is stopped goes on first. */
  async end(): Promise<void> {
    const all = [...this.#members.values()];
    while (all.some(({ stopped }) => stopped)) await sleep(50);
    // what a process does and has not told of is told within its next beats
    await sleep(1_000);
    this.#members.clear();
    await Promise.all(
      all.map(({ child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return undefined;
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        return gone;
      }),
    );
  }

  #stopped(member: Member, from: number): void {
    this.stops++;
    member.stopped = true;
    setTimeout(() => {
      member.child.kill('SIGCONT');
      member.stopped = false;
      this.stills.push({ by: member.name, from, to: clock() });
    }, this.#plan.stopMs());
  }

  #hear(member: Member, word: Word): void {
    const { name: by } = member;
    switch (word.type) {
      case 'turn':
        this.turns.set(word.turn, { by, key: word.key, from: word.at });
        return;
      case 'turn-lost': {
        const turn = this.turns.get(word.turn);
        if (turn) turn.lost = word.at;
        return;
      }
      case 'turn-over': {
        const turn = this.turns.get(word.turn);
        if (turn) turn.to = word.at;
        return;
      }
      case 'still':
        this.stills.push({ by, from: word.from, to: word.to });
        return;
      case 'waited':
        this.waits.push({ by, key: word.key, from: word.from, to: word.to });
        return;
      case 'ended':
        this.#plan.ended(word.key);
        return;
      case 'unreadable':
        this.unreadable++;
        return;
      case 'stopping':
        this.latePosts++;
        this.#stopped(member, word.at);
        return;
      default:
        member.alive = word.at;
        this.calls += word.calls;
        for (const [name, count] of Object.entries(word.failures))
          this.failures[name] = (this.failures[name] ?? 0) + count;
    }
  }
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
