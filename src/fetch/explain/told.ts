import type { SignedOutCause } from '../../events.js';
import type { Action } from '../../protocol/attempt.js';
import { sessionCore } from '../../protocol/session-core.js';
import type { Fact, Facts } from '../facts.js';

/** One sending, or why it was not made. */
export interface Try {
  /** Its name; undefined: without credentials of any. */
  readonly scheme: string | undefined;
  readonly by: Action | undefined;
  /** false: the scheme was asked and had no credentials. */
  readonly sent: boolean;
  readonly minted: boolean | undefined;
  /** By the session's clock. */
  readonly mintedAt: number | undefined;
  readonly expiresAt: number | undefined;
  /** A cookie session that has a header against forgery sent none. */
  readonly lacksCsrf: boolean;
}

/** What latchkey knows of a refusal that it delivered. */
export interface Told {
  /** When it arrived, by the session's clock where there is one. */
  readonly at: number;
  /** What the schemes are called, in the user's order. */
  readonly schemes: readonly string[];
  readonly tries: readonly Try[];
  /** How the sign-in ended that the call began with. */
  readonly ended: { readonly cause: SignedOutCause; readonly error?: unknown } | undefined;
}

export function toldBy({ at, schemes, tries }: Facts): Told {
  const session = tries.filter(({ scheme }) => schemes[scheme]?.[sessionCore] !== undefined).at(-1);
  const now = session && schemes[session.scheme]?.[sessionCore]?.now;
  const begun = session?.begun as { readonly ended?: Told['ended'] } | undefined;
  return {
    at: now === undefined ? at : at + now() - Date.now(),
    schemes: schemes.map(({ name }) => name),
    tries: tries.map((one) => tryOf(one, schemes)),
    ended: begun?.ended,
  };
}

function tryOf({ scheme, had, by, minted, mintedAt, expiresAt }: Fact, schemes: Facts['schemes']): Try {
  return {
    scheme: schemes[scheme]?.name,
    by,
    sent: scheme < 0 || had.credentials,
    minted,
    mintedAt,
    expiresAt,
    lacksCsrf: schemes[scheme]?.[sessionCore]?.csrf !== undefined && !had.headers,
  };
}
