import type { Credentials } from '../../protocol/credentials.js';
import type { Held } from '../../protocol/session-core.js';

/** What was sent once, and what came of it: the identity of these credentials, because no proof is sent twice. */
export class Sent {
  readonly held: Held;
  readonly nonce: string | undefined;
  /** It was itself the answer to a proof that was refused. */
  readonly again: boolean;
  refused = false;
  /** The nonce that came with the refusal. */
  supplied: string | undefined = undefined;

  constructor(held: Held, nonce: string | undefined, again: boolean) {
    this.held = held;
    this.nonce = nonce;
    this.again = again;
  }

  /** The refusal brought a nonce, and another than was sent. */
  get isNews(): boolean {
    return this.supplied !== undefined && this.supplied !== this.nonce;
  }
}

export function sentOf(credentials: Credentials): Sent {
  return credentials.version as Sent;
}
