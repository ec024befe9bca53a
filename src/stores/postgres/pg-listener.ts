import { createMutex } from '../../mutex.js';
import { type Ear, type Listener, listenersOf, type Opening, sharedListener } from '../listener.js';

interface PgClient {
  on(event: string, listener: (message: { channel?: string; payload?: string }) => void): unknown;
  query(text: string): Promise<unknown>;
  release(destroy: boolean): unknown;
}

export interface PgPool {
  connect(): Promise<PgClient>;
}

/** Listens on one connection of a pool for all stores over it: one for each would leave none for their statements. */
export const pgListenerOf: (pool: PgPool) => Listener = /* @__PURE__ */ listenersOf((pool) =>
  sharedListener((opening) => ear(pool, opening)),
);

function ear(pool: PgPool, { ready, lost, heard }: Opening): Ear {
  let isOpen = true;
  let client: PgClient | undefined;
  // A client of pg is not to be asked while it is busy.
  const inLine = createMutex();
  const say = (statement: string) => inLine(async () => client?.query(statement));

  const connected = (own: PgClient) => {
    // without a listener an 'error' ends the process, also that of one that is closed
    own.on('error', lost);
    if (!isOpen) return void own.release(true);
    client = own;
    own.on('end', lost);
    own.on('notification', ({ channel = '', payload = '' }) => heard(channel, payload));
    ready();
  };
  pool.connect().then(connected).catch(lost);
  return {
    listen: (channel) => say(`LISTEN ${channel}`),
    unlisten: (channel) => say(`UNLISTEN ${channel}`),
    close() {
      isOpen = false;
      client?.release(true);
      client = undefined;
    },
  };
}
