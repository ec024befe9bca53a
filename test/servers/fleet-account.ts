/** A refresh token that came to the server, in which turn, and how it was answered (undefined: not at all). */
export interface Post {
  readonly token: string;
  readonly turn: string;
  /** When its process began to send it, and when it arrived. */
  readonly sent: number;
  readonly at: number;
  status?: number;
}

/** A turn of a process; one that was killed in it has no end. */
export interface Turn {
  readonly by: string;
  readonly key: string;
  readonly from: number;
  to?: number;
  /** When it was told that the turn may be lost. */
  lost?: number;
}

/** A time in which a process did nothing: it was stopped, or had no processor. */
export interface Still {
  readonly by: string;
  readonly from: number;
  readonly to: number;
}

/** A call that waited. */
export interface Wait {
  readonly by: string;
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** What was seen of a fleet; instants by one clock, in milliseconds. */
export interface Seen {
  readonly posts: readonly Post[];
  readonly turns: ReadonlyMap<string, Turn>;
  readonly stills: readonly Still[];
  /** When each process that was killed was killed. */
  readonly kills: ReadonlyMap<string, number>;
  readonly waits: readonly Wait[];
  readonly leaseMs: number;
}

export interface Reuses {
  /** Posts of a refresh token that the server had taken before. */
  reuses: number;
  /**
   * The one whose turn began earlier was killed in it, before the other's began: what the server answered is lost, or its
   * request was on its way.
   */
  byKill: number;
  /** The one whose turn began earlier stood still in it until the lease could lapse: two had the turn (README, Limits). */
  byPause: number;
  /**
   * The turn that began earlier was lost while its request was on its way, because no renewal was answered for long:
   * neither the store nor a processor was to be had.
   */
  byLapse: number;
  /** Of a family that an explained reuse had ended before. */
  aftermath: number;
  readonly unexplained: readonly string[];
}

/** After the last renewal, which is a third of the lease old at most, the rest must pass for a lease to lapse. */
const LAPSING = 0.5;

/** Why each reuse came to be. */
export function explainReuses({ posts, turns, stills, kills, leaseMs }: Seen): Reuses {
  const told = { reuses: 0, byKill: 0, byPause: 0, byLapse: 0, aftermath: 0 };
  const unexplained: string[] = [];
  const taken = new Map<string, Post>();
  const ended = new Set<string>();
  for (const post of posts) {
    const first = taken.get(post.token);
    if (!first) {
      if (post.status === 200 || post.status === undefined) taken.set(post.token, post);
      continue;
    }
    told.reuses++;
    const [a, b] = [turns.get(first.turn), turns.get(post.turn)];
    const [early, late] = a && b && a.from > b.from ? [b, a] : [a, b];
    const killedAt = early && early.to === undefined ? kills.get(early.by) : undefined;
    // whoever had the turn later could have it because the lease had lapsed by then
    const until = Math.min(early?.to ?? Number.POSITIVE_INFINITY, late?.from ?? 0);
    if (early !== late && killedAt !== undefined && killedAt < (late?.from ?? 0)) told.byKill++;
    else if (early && early !== late && stillMs(stills, early, until) >= LAPSING * leaseMs) told.byPause++;
    else if (early?.lost !== undefined && early.lost - early.from >= LAPSING * leaseMs) told.byLapse++;
    else if (ended.has(post.token)) told.aftermath++;
    else {
      unexplained.push(JSON.stringify({ first: of(first), a, post: of(post), b }));
      continue;
    }
    ended.add(post.token);
  }
  return { ...told, unexplained };
}

/** Token requests that were begun after the signal of their turn. */
export function startedLate({ posts, turns }: Seen): Post[] {
  return posts.filter(({ turn, sent }) => sent > (turns.get(turn)?.lost ?? Number.POSITIVE_INFINITY));
}

/** The longest time that its process stood still in this turn. */
function stillMs(stills: readonly Still[], { by, from }: Turn, until: number): number {
  const own = stills.filter((still) => still.by === by);
  return Math.max(0, ...own.map((still) => Math.min(still.to, until) - Math.max(still.from, from)));
}

/** For how long each call waited beyond its own standing still and one lease for each holder that was killed or stood still. */
export function overlongMs({ waits, turns, stills, kills, leaseMs }: Seen): number[] {
  const hit = [...turns.values()].filter(
    (turn) =>
      (turn.to === undefined && kills.has(turn.by)) ||
      stillMs(stills, turn, turn.to ?? Number.POSITIVE_INFINITY) > 0,
  );
  return waits.map((wait) => {
    const { by, key, from, to } = wait;
    const own = stills.filter((still) => still.by === by && still.from < to && still.to > from);
    const stood = own.reduce((ms, still) => ms + Math.min(still.to, to) - Math.max(still.from, from), 0);
    const blocking = hit.filter((turn) => {
      // the lease of one who is gone lapses later
      const end = turn.to ?? (kills.get(turn.by) ?? 0) + leaseMs;
      return turn.key === key && turn.from < to && end > from;
    });
    return to - from - stood - blocking.length * leaseMs;
  });
}

const of = ({ turn, sent, at, status }: Post) => ({ turn, sent, at, status });
