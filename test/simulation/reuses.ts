import type { SessionRecord } from '../../src/protocol/record.js';
import type { Post } from './families.js';
import type { LiveTurn } from './live-turn.js';
import type { World } from './world.js';

interface Loss {
  readonly at: number;
  readonly revision: number;
}

/**
 * Why a refresh token was posted that had been spent: only what befell that very token explains it. What the poster's
 * last load in its turn had read decides what is asked for: either two contexts had the turn at once, or what replaced
 * the token was not in the store.
 */
export class Reuses {
  /** How often each was the reason. */
  readonly counts: Map<string, number> = new Map();
  /** When each refresh token was first written, and as which revision. */
  readonly #stored = new Map<string, Loss>();
  /** The same for each renewal. */
  readonly #records = new Map<string, Loss>();
  /** What each context has last read or written as a revision. */
  readonly #known = new Map<string, string>();
  readonly #ends = new Map<number, number>();
  readonly #faulted = new Set<string>();
  readonly #killed = new Map<number, number>();
  readonly #pausedUntil = new Map<number, number>();
  readonly #losses: Loss[] = [];
  /** What another context put back, from before a failover, over these. */
  readonly #overwritten = new Set<string>();
  /** The refresh token that each context's last load found. */
  readonly #read = new Map<number, Pick<Post, 'read' | 'readAt'>>();
  readonly #world: World;

  constructor(of: World) {
    this.#world = of;
  }

  killed(context: number): void {
    this.#killed.set(context, this.#world.scheduler.now);
  }

  paused(context: number, forMs: number): void {
    const until = this.#world.scheduler.now + forMs;
    this.#pausedUntil.set(context, Math.max(until, this.#pausedUntil.get(context) ?? 0));
  }

  /** It was stopped at some time since then. */
  wasPaused(context: number, since: number): boolean {
    return (this.#pausedUntil.get(context) ?? -1) >= since;
  }

  faulted({ tokens }: SessionRecord): void {
    if (tokens?.refreshToken !== undefined) this.#faulted.add(tokens.refreshToken);
  }

  wrote(context: number, record: SessionRecord): void {
    const { id, generation, tokens, revision } = record;
    this.#knows(context, record);
    const { refreshToken, accessToken } = tokens ?? {};
    const stored = { at: this.#world.scheduler.now, revision };
    if (refreshToken !== undefined && !this.#stored.has(refreshToken)) this.#stored.set(refreshToken, stored);
    const key = `${id} ${generation} ${accessToken}`;
    if (!this.#records.has(key)) this.#records.set(key, stored);
  }

  /** Whether `next` was lost by a failover, and is put back over what was written since. */
  putsBack(before: SessionRecord, next: SessionRecord): boolean {
    const stored = this.#records.get(`${next.id} ${next.generation} ${next.tokens?.accessToken}`);
    if (!stored || !this.#isLost(stored, this.#world.scheduler.now)) return false;
    if (before.tokens?.refreshToken !== undefined) this.#overwritten.add(before.tokens.refreshToken);
    return true;
  }

  /** What this context knows by the revision is another record: they were given it before a failover and after. */
  isTwice(context: number, record: SessionRecord): boolean {
    const known = this.#known.get(`${context} ${record.revision}`);
    const isTwice = this.#losses.length > 0 && known !== undefined && known !== JSON.stringify(record);
    if (!isTwice) return false;
    if (record.tokens?.refreshToken !== undefined) this.#overwritten.add(record.tokens.refreshToken);
    this.#count('failover gave a revision twice');
    return true;
  }

  #knows(context: number, record: SessionRecord): void {
    this.#known.set(`${context} ${record.revision}`, JSON.stringify(record));
    if (record.ended) this.#ends.set(context, Math.max(this.#ends.get(context) ?? 0, record.revision));
  }

  /** The highest revision of an end that the context knows of. */
  knownEnd(context: number): number {
    return this.#ends.get(context) ?? 0;
  }

  #count(reason: string): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
  }

  /** The store fell back to this revision. */
  failedOver(revision: number): void {
    this.#losses.push({ at: this.#world.scheduler.now, revision });
  }

  /** A load of this context has brought what the record was at that time. */
  read(context: number, record: SessionRecord | undefined, readAt: number): void {
    if (readAt < this.lastRead(context).readAt) return;
    if (record) this.#knows(context, record);
    this.#read.set(context, { read: record?.tokens?.refreshToken, readAt });
  }

  lastRead(context: number): Pick<Post, 'read' | 'readAt'> {
    return this.#read.get(context) ?? { read: undefined, readAt: 0 };
  }

  /** The reason, which is counted; undefined: there is none. */
  explain(token: string, post: Post): string | undefined {
    const reason = this.#reason(token, post);
    if (reason) this.#count(reason);
    return reason;
  }

  #reason(token: string, post: Post): string | undefined {
    const spent = this.#world.provider.spent.get(token);
    const turn = post.turn as LiveTurn | undefined;
    if (!spent || !turn || this.#knewBetter(token, post.read)) return undefined;
    const first = spent.post;
    const firstTurn = first.turn as LiveTurn | undefined;
    if (firstTurn === turn) return first.lost ? 'lost response' : undefined;
    // Two had the turn at once: it was spent, or what replaced it was still being saved, after the store had been read.
    if (spent.at >= post.readAt || (firstTurn && firstTurn.endedAt > post.readAt)) {
      const lostBy = [turn.lostBy, firstTurn?.lostBy].find((by) => by && by !== 'robbed before its stamp');
      if (lostBy) return lostBy;
      if (this.#wasKilled(first)) return 'killed before the save';
      if (this.#wasKilled(post)) return 'killed with its request under way';
      if (spent.at >= post.readAt && (post.isSlow || first.isSlow)) return 'slow request';
    }
    return this.#whyNotStored(spent.successor, first, post.readAt);
  }

  #whyNotStored(successor: string, first: Post, readAt: number): string | undefined {
    const stored = this.#stored.get(successor);
    if (stored && stored.at < readAt) {
      const isLost = this.#overwritten.has(successor) || this.#isLost(stored, readAt);
      return isLost ? 'failover lost the save' : undefined;
    }
    if (this.#wasKilled(first)) return 'killed before the save';
    if (first.lost) return 'lost response';
    if (this.#faulted.has(successor)) return 'save failed';
    const { lostBy } = (first.turn as LiveTurn | undefined) ?? {};
    if (lostBy) return lostBy;
    if (first.isSlow) return 'slow response';
    // What had arrived meanwhile was cut off by its own deadline.
    const slept = this.wasPaused(first.context, first.begunAt);
    const lasted = first.turn ? first.turn.endedAt - first.turn.startedAt : 0;
    return slept && lasted >= (first.stepsUp ? 5_000 : 30_000) ? 'paused before the save' : undefined;
  }

  /** A failover took it out of the store again. */
  #isLost(stored: Loss, by: number): boolean {
    return this.#losses.some(({ at, revision }) => at >= stored.at && at <= by && revision < stored.revision);
  }

  #wasKilled({ context, begunAt }: Post): boolean {
    return (this.#killed.get(context) ?? -1) >= begunAt;
  }

  /** What it had read last was renewed with this token, or with what replaced it. */
  #knewBetter(token: string, read: string | undefined): boolean {
    const { spent } = this.#world.provider;
    for (let next = spent.get(token)?.successor; next !== undefined; next = spent.get(next)?.successor)
      if (next === read) return true;
    return false;
  }
}
