import type { Listener } from '../listener.js';
import { type PgPool, pgListenerOf } from './pg-listener.js';

interface PostgresJs {
  listen(
    channel: string,
    heard: (payload: string) => void,
    ready: () => void,
  ): Promise<{ unlisten(): Promise<unknown> }>;
}

const POLL_MS = 5_000;

/** Listens on one connection for all stores over the pool; where none is to be had, reads every five seconds. */
export function listenerOf(
  pool: unknown,
  read: () => Promise<{ readonly text: string } | undefined>,
): Listener {
  const { listen, connect, options } = Object(pool);
  if (typeof listen === 'function') return postgresJs(pool as PostgresJs);
  // the only connection of a pool is for its statements
  if (typeof connect === 'function' && options?.max !== 1) return pgListenerOf(pool as PgPool);
  return polling(read);
}

/** It has a connection of its own for all channels, and listens again by itself, also where the first try failed. */
function postgresJs(sql: PostgresJs): Listener {
  return (channel, hear) => {
    let isOpen = true;
    const heard = (message: string) => {
      if (isOpen) hear(message);
    };
    const listening = sql.listen(channel, heard, () => heard(''));
    listening.catch(() => {});
    return () => {
      isOpen = false;
      listening.then(({ unlisten }) => unlisten()).catch(() => {});
    };
  };
}

function polling(read: () => Promise<{ readonly text: string } | undefined>): Listener {
  return (_, hear) => {
    let last: string | undefined;
    const timer = setInterval(async () => {
      try {
        const text = (await read())?.text;
        if (text !== last) hear('');
        last = text;
      } catch {
        // the next one may be answered
      }
    }, POLL_MS);
    (timer as { unref?: () => void }).unref?.();
    return () => clearInterval(timer);
  };
}
