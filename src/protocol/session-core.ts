import type { Challenge } from './challenge.js';
import type { Reason } from './outcome.js';
import type { StepUpNeed } from './step-up.js';

/** Where a session keeps what schemes may see of it; registered, so that two copies of the package agree. */
export const sessionCore: unique symbol = Symbol.for('latchkey.session-core');

/** The credentials a session holds at one moment. A new object for every renewal: its identity is the generation. */
export interface Held {
  readonly id: string;
  readonly generation: number;
  /** '' in a cookie session. */
  readonly accessToken: string;
  readonly tokenType: string;
  readonly expiresAt: number | undefined;
  readonly mintedAt?: number | undefined;
}

/** What came of asking for credentials other than the refused ones. */
export type Replaced = { readonly held: Held; readonly minted: boolean } | { readonly undelivered: Reason };

/** What a session shows to schemes: synchronous where it can be, because the happy path must not await. */
export interface SessionCore {
  /** The life (one sign-in) a call begins in: whatever it is later, the call is never replayed in another. */
  begin(): unknown;
  /** What to send now; undefined: without credentials. A promise only while something must be waited for. */
  current(begun: unknown): Held | undefined | Promise<Held | undefined>;
  /** Others than the refused. Rejects with an AuthError where the renewal is unavailable, misconfigured or garbage. */
  replace(
    refused: Held,
    begun: unknown,
    challenge: Challenge | undefined,
    signal: AbortSignal | undefined,
  ): Replaced | Promise<Replaced>;
  /** More than these can do, where the session knows how to get it: never by a plain renewal. */
  readonly stepUp?:
    | ((refused: Held | undefined, begun: unknown, need: StepUpNeed, url: string) => Promise<Replaced>)
    | undefined;
  /** How long a user may take who would be asked for tokens now, in milliseconds; 0: nobody would be. undefined: nobody ever is. */
  readonly promptMs?: number | undefined;
  /** A server took these (any status but 401 and 5xx). */
  accepted(held: Held): void;
  /** The session's clock: milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  /** True while a function of the user's runs synchronously: what it sends goes out plain. */
  readonly plain?: boolean | undefined;
  /** Whether work that nobody waits for lives on: on some platforms only where `waitUntil` keeps it alive. */
  readonly worksBeside?: boolean | undefined;
  /** Cookie sessions only: the header against request forgery, read anew for every sending. */
  readonly csrf?:
    | { readonly header: string; token(): string | undefined | Promise<string | undefined> }
    | undefined;
}
