import { SignedOutError } from '../errors.js';
import { isBoundTo } from '../protocol/reconcile.js';
import { type Minted, type SessionRecord, signedIn, tombstone } from '../protocol/record.js';
import { newId } from './new-id.js';
import type { Parts } from './parts.js';
import type { Writer } from './writer.js';

/** Begins a sign-in at once in memory, then in the store; whatever began before is never replayed in it. */
export async function signIn(parts: Parts, writer: Writer, minted: Minted): Promise<void> {
  const { ledger, place } = parts;
  if (place.store.readOnly)
    throw new TypeError(
      'signIn: the store is read-only: customStore without `write`, or webStore on a server',
    );
  const id = newId();
  const { seen } = ledger;
  ledger.leave();
  // Not yet in the store: whatever is written there next is newer.
  const record = { ...signedIn(id, parts.boundTo, minted, parts.now()), revision: ledger.stored };
  ledger.begin(record, true);
  const { life } = ledger;
  let baseline: { readonly id: string | undefined } | undefined;
  let made: SessionRecord | undefined;
  const { intime } = writer.write(
    (found, tries) => {
      const mine = ledger.record;
      // Written already, by a refresh of ours: what is found is newer.
      if (mine?.id !== id || mine.ended || life.stored || found?.id === id) return undefined;
      // What is found at once is replaced; a sign-in that turns up later is newer than this one, unless its revision is
      // that of a store which has lost what this one began over.
      const expected = baseline ?? (tries > 0 ? seen : undefined);
      const isOther = expected && found && found.id !== expected.id && !ledger.endings.has(found.id);
      if (isOther && !(place.store.exclusive && found.revision < mine.revision)) return undefined;
      baseline ??= { id: found?.id };
      made = mine;
      return mine;
    },
    (next) => {
      const mine = ledger.record;
      // As it was made it has the revision of a store that may have lost something since.
      if (mine?.id === id && (mine === made || mine.revision < next.revision))
        ledger.keep({ ...mine, revision: next.revision });
    },
    true,
  );
  await intime;
}

/** Ends the sign-in at once in memory, then in the store; resolves with the tokens that the tombstone replaced. */
export function signOut(parts: Parts, writer: Writer): SignOut {
  const { ledger, place } = parts;
  const { id, arriving } = ledger.life;
  const target = ledger.endings.target(ledger.known, [id, arriving, ledger.record?.id]);
  const held = ledger.record;
  ledger.end('user', new SignedOutError('The session was signed out'));
  // What an acquire is about to save finds a tombstone there already.
  const unborn = arriving && { id: arriving, revision: 0, generation: 0, boundTo: parts.boundTo };
  const mine = ledger.record ?? (unborn || undefined);
  if (place.store.readOnly) return { intime: Promise.resolve(), replaced: Promise.resolve([held]) };
  // A record of a lower revision is what the store has fallen back to: others may put back what has ended here.
  const above = place.store.exclusive && held && !held.ended ? held.revision : 0;
  const make = (found: SessionRecord | undefined): SessionRecord | undefined => {
    if (!found) return mine && tombstone(mine, 'signed-out');
    if (!isBoundTo(found, parts.boundTo)) return undefined;
    if (mine && found.id !== mine.id && found.revision < above) return tombstone(mine, 'signed-out');
    if (found.ended === 'signed-out') return undefined;
    // Also what an earlier sign-out did not live to end: a save of ours may still be on its way over it.
    const mineToEnd = target.ids.includes(found.id) || ledger.endings.has(found.id);
    return mineToEnd ? tombstone(found, 'signed-out') : undefined;
  };
  const written = (next: SessionRecord) => ledger.keep(next);
  const { done, intime } = writer.write(make, written);
  void done.then(() => writer.again(make, written));
  const replaced = done.then((result) => [result.replaced, held]);
  return { intime: intime.then(() => undefined), replaced };
}

export interface SignOut {
  /** Rejects with RefreshUnavailableError where the store cannot be written in time. */
  readonly intime: Promise<void>;
  /** Records whose tokens are nobody's any more. */
  readonly replaced: Promise<readonly (SessionRecord | undefined)[]>;
}
