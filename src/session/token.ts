import { RefreshUnavailableError, SignedOutError } from '../errors.js';
import type { Challenge } from '../protocol/challenge.js';
import type { Held, Replaced, SessionCore } from '../protocol/session-core.js';
import { forbiddenReason, type StepUpNeed, stepUpNeed } from '../protocol/step-up.js';
import { accessTokenOf, retryAtOf, validFor } from './access-token.js';
import type { Engine } from './engine.js';
import type { Life } from './life.js';
import type { AccessToken } from './types.js';
import { unlessAborted } from './wait.js';

/** What sockets and other clients get: valid now, or another than a server has refused. */
export async function token<User>(
  engine: Engine<User>,
  asked: {
    signal?: AbortSignal | undefined;
    refused?: AccessToken | undefined;
    validForMs?: number | undefined;
    challenge?: Challenge | undefined;
  },
  stepUp: SessionCore['stepUp'],
): Promise<AccessToken> {
  const { core } = engine;
  if (core.parts.inGrant) throw new TypeError('token: not from inside `refresh`, `acquire` or `stepUp`');
  const begun = core.begin();
  // What was refused is replaced at once: it need not wait for the flight twice.
  const known = asked.refused && core.parts.ledger.held;
  let held: Held | undefined =
    known && known.accessToken === asked.refused?.accessToken
      ? known
      : await unlessAborted(Promise.resolve(core.current(begun)), asked.signal);
  if (held && asked.refused?.accessToken === held.accessToken) {
    const need = stepUpNeed(asked.challenge);
    const replaced = need
      ? await moreThan(held, begun, need, stepUp, asked.signal)
      : await core.replace(held, begun, asked.challenge, asked.signal);
    if ('undelivered' in replaced) {
      if (begun.ended?.error) throw begun.ended.error;
      const retryAt = retryAtOf(core.parts);
      throw new RefreshUnavailableError(`The token cannot be replaced: ${replaced.undelivered}`, { retryAt });
    }
    held = replaced.held;
  }
  if (held && asked.validForMs !== undefined)
    held = await validFor(core, held, asked.validForMs, asked.signal);
  if (!held) throw begun.ended?.error ?? new SignedOutError();
  return accessTokenOf(held);
}

/** A challenge that asks for more is never answered by a plain renewal. */
function moreThan(
  held: Held,
  begun: Life,
  need: StepUpNeed,
  stepUp: SessionCore['stepUp'],
  signal: AbortSignal | undefined,
): Replaced | Promise<Replaced> {
  if (stepUp === undefined) return { undelivered: forbiddenReason(need) };
  return unlessAborted(stepUp(held, begun, need, ''), signal);
}
