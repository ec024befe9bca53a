import type { Attempt } from '../protocol/attempt.js';
import type { Challenge } from '../protocol/challenge.js';
import { type Held, sessionCore } from '../protocol/session-core.js';
import type { SessionScheme } from '../schemes/auth.js';
import type { Call } from './call.js';

/** One attempt without what was sent: of a session's credentials only their dates. */
export interface Fact extends Pick<Attempt, 'scheme' | 'by' | 'minted'> {
  readonly had: { readonly credentials: boolean; readonly headers: boolean };
  readonly mintedAt: number | undefined;
  readonly expiresAt: number | undefined;
  readonly begun: unknown;
}

/** What is known of a delivered refusal besides its outcome; no secret. */
export interface Facts {
  /** When it arrived, by the platform's clock. */
  readonly at: number;
  readonly schemes: readonly SessionScheme[];
  readonly tries: readonly Fact[];
}

let all: WeakMap<readonly Challenge[], Facts> | undefined;

/** By the challenges of the outcome: an error that is made of it has them too, whatever becomes of the response. */
export function factsBy(challenges: readonly Challenge[]): Facts | undefined {
  return all?.get(challenges);
}

/** Remembers what `explain` tells, as plainly as it is known: who never asks pays little. */
export function setFacts(challenges: readonly Challenge[], call: Call, at: number): void {
  const { schemes } = call.corridor;
  const rest = call.keep();
  const tries = rest.attempts.map(({ scheme, by, minted, credentials }): Fact => {
    // a scheme with a proof for every sending keeps what the session held inside its version
    const version = credentials?.version as (Held & { readonly held?: Held }) | undefined;
    const core = schemes[scheme]?.[sessionCore];
    const held = core && (version?.held ?? version);
    return {
      scheme,
      by,
      minted,
      had: { credentials: credentials !== undefined, headers: credentials?.headers !== undefined },
      mintedAt: held?.mintedAt,
      expiresAt: held?.expiresAt,
      begun: core && rest.target(scheme).begun,
    };
  });
  all ??= new WeakMap();
  all.set(challenges, { at, schemes, tries });
}
