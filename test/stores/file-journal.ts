import type { Posting } from '../support/oidc/index.ts';

/** What a process wrote down before it went on; milliseconds since 1970. */
export type Entry =
  | { readonly what: 'turn' | 'left'; readonly at: number }
  | { readonly what: 'posting' | 'saved'; readonly at: number; readonly token: string }
  | { readonly what: 'call'; readonly at: number; readonly to: number; readonly how: string }
  | { readonly what: 'gap'; readonly at: number; readonly to: number }
  | { readonly what: 'broken'; readonly at: number; readonly why: string };

interface Span {
  readonly at: number;
  readonly to: number;
}

/** A process, from its start to its end. */
export interface Life {
  readonly name: string;
  readonly killed: boolean;
  /** When it was stopped by a signal. */
  readonly stops: readonly Span[];
  readonly journal: readonly Entry[];
}

export type Cause = 'kill' | 'pause' | 'unexplained';

/** A holder shows life every 1.5 s, and is passed over 7 s after it last did. */
export const LONG_PAUSE_MS = 7_000 - 1_500;

/**
 * Why each refresh token that came to the server twice did. `kill`: who spent it was killed before it had saved what it
 * got for it. `pause`: who spent it, or who sent it again, was stopped so long in that turn that it had lapsed.
 */
export function causesOf(postings: readonly Posting[], lives: readonly Life[]): Cause[] {
  const named = new Map(lives.map((life) => [life.name, life]));
  const spent = new Map<string, Posting>();
  const causes: Cause[] = [];
  for (const posting of postings) {
    const first = spent.get(posting.token);
    const taken = posting.status === 200;
    // Sent once more when the server has ended the sign-in already, it is one refresh token among others.
    if (posting.reuse || (first && taken))
      causes.push(first ? causeOf(posting, named.get(first.by), named.get(posting.by)) : 'unexplained');
    else if (taken) spent.set(posting.token, posting);
  }
  return causes;
}

function causeOf({ token }: Posting, spender: Life | undefined, sender: Life | undefined): Cause {
  if (!spender || !sender) return 'unexplained';
  if (turnsWith(spender, token).some((turn) => pausedIn(spender, turn) >= LONG_PAUSE_MS)) return 'pause';
  if (turnsWith(sender, token).some((turn) => pausedIn(sender, turn) >= LONG_PAUSE_MS)) return 'pause';
  return spender.killed && !savedAfter(spender, token) ? 'kill' : 'unexplained';
}

/** Whether it saved another refresh token after it had sent this one. */
function savedAfter({ journal }: Life, token: string): boolean {
  const sent = journal.findIndex((entry) => entry.what === 'posting' && entry.token === token);
  return journal.slice(sent + 1).some((entry) => entry.what === 'saved' && entry.token !== token);
}

/** The turns in which it sent this token. */
function turnsWith({ journal }: Life, token: string): Span[] {
  const turns: Span[] = [];
  journal.forEach((entry, i) => {
    if (entry.what !== 'posting' || entry.token !== token) return;
    const begun = journal
      .slice(0, i)
      .filter(({ what }) => what === 'turn')
      .at(-1);
    const left = journal.slice(i).find(({ what }) => what === 'left');
    turns.push({ at: begun?.at ?? entry.at, to: left?.at ?? Number.POSITIVE_INFINITY });
  });
  return turns;
}

/** How long it did not run in this time, in milliseconds. */
export function pausedIn({ stops, journal }: Life, { at, to }: Span): number {
  const gaps = journal.filter((entry) => entry.what === 'gap');
  const pauses = [...stops, ...gaps].sort((a, b) => a.at - b.at);
  let paused = 0;
  let until = at;
  for (const pause of pauses) {
    const from = Math.max(pause.at, until);
    const end = Math.min(pause.to, to);
    if (end <= from) continue;
    paused += end - from;
    until = end;
  }
  return paused;
}

/** How long calls took, without the time in which their process did not run; with what came of them. */
export function callsOf(life: Life): { readonly ms: number; readonly at: number; readonly how: string }[] {
  return life.journal
    .filter((entry) => entry.what === 'call')
    .map((call) => ({ ms: call.to - call.at - pausedIn(life, call), at: call.at, how: call.how }));
}
