import { isUnreadable } from '../protocol/unreadable.js';
import type { TokenStore } from '../session/store.js';
import { type Lease, leasedTurns } from './lease.js';
import type { Listener } from './listener.js';
import type { RecordText, Row } from './record-text.js';
import { watching } from './watching.js';

/** What a server does for the stores of a fleet; each verb is atomic there. */
export interface Server {
  readonly lease: Lease;
  load(): Promise<Row | undefined>;
  /** Writes where the stored revision is still `ifRevision`; 0: nothing is stored. */
  save(next: Row, ifRevision: number): Promise<boolean>;
  /** Writes over this text and no other, whatever its revision. */
  replace(next: Row, text: string): Promise<boolean>;
  readonly listen: Listener;
}

/** What is told of a lease that is free again: whoever waits for it asks at once. Everything else is a save. */
const RELEASED = 'released';

/** A store over a record and a lease that a server keeps; its turns exclude each other wherever they are taken. */
export function servedStore(
  server: Server,
  channel: string,
  leaseMs: number,
  format: RecordText,
): TokenStore & { close(): Promise<void> } {
  const turns = leasedTurns(server.lease, leaseMs);
  const listening = watching((tell) =>
    server.listen(channel, (message) => (message === RELEASED ? turns.wake() : tell())),
  );
  /** Something unreadable counts as nothing: exactly what was found is written over. */
  const replaced = async (next: Row) => {
    const found = await server.load();
    if (!found) return false;
    try {
      await format.read(found);
      return false;
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      return server.replace(next, found.text);
    }
  };
  return {
    exclusive: true,
    async load() {
      const found = await server.load();
      turns.check();
      return found && (await format.read(found));
    },
    async save(next, ifRevision) {
      const row = { revision: next.revision, text: await format.write(next) };
      turns.check();
      const saved = (await server.save(row, ifRevision)) || (ifRevision === 0 && (await replaced(row)));
      turns.check();
      // whoever says so that it has the turn is about to spend a token
      await turns.confirm();
      return saved;
    },
    turn: turns.turn,
    watch: listening.watch,
    close: async () => listening.close(),
  };
}
