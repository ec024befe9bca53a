import type { AnyAuthError } from '../errors.js';
import type { SignedOutCause } from '../events.js';
import type { Held } from '../protocol/session-core.js';

/** One sign-in as calls know it: they hold the object, and compare it when they are replayed. */
export interface Life {
  /** Unknown until the first load or an acquire brings it. */
  id: string | undefined;
  /** It was seen in the store: nobody need write it there any more. */
  stored?: boolean | undefined;
  /** It began in this context, over whatever it found. */
  here?: boolean | undefined;
  /** The sign-in that an acquire is saving: a sign-out ends it too. */
  arriving?: string | undefined;
  /** Set when it ended; the session has another life by then. Without an error nobody was signed in. */
  ended?: { readonly cause: SignedOutCause; readonly error: AnyAuthError | undefined } | undefined;
}

/** The credentials of one generation, and what became of them here. */
export interface HeldCredentials extends Held {
  /** It replaced one that was refused. */
  readonly bornOfRefusal: boolean;
  /** A server took it. */
  accepted: boolean;
  /** Its early refusal has lengthened the wait already. */
  refusedYoung: boolean;
}
