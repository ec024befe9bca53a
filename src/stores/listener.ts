import { within } from '../promise.js';
import { ANSWER_MS } from './options.js';

/** A connection that listens to channels, from when it says that it is ready. */
export interface Ear {
  /** Resolves when it hears the channel; twice for the same one is no mistake. */
  listen(channel: string): Promise<unknown>;
  unlisten(channel: string): Promise<unknown>;
  /** Also before it is ready, and where it is lost. */
  close(): void;
}

/** What a connection says of itself; nothing that it says after it was closed counts. */
export interface Opening {
  /** It is connected, for the first time or again. */
  readonly ready: () => void;
  /** It ended for good, and is to be opened anew. */
  readonly lost: () => void;
  readonly heard: (channel: string, message: string) => void;
}

/** Hears what is said on the channel, and '' whenever something may have been missed; returns the way to stop. */
export type Listener = (channel: string, hear: (message: string) => void) => () => void;

interface Hearer {
  readonly hear: (message: string) => void;
}

interface Attempt {
  ear: Ear | undefined;
  ready: boolean;
  over: boolean;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

/** Listens on one connection for all who ask: open while there is any, and opened again, later and later, where it is lost. */
export function sharedListener(open: (opening: Opening) => Ear): Listener {
  const channels = new Map<string, Set<Hearer>>();
  let attempt: Attempt | undefined;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const heard = (channel: string, message: string) => {
    for (const { hear } of [...(channels.get(channel) ?? [])]) hear(message);
  };
  const end = (own: Attempt) => {
    own.over = true;
    attempt = undefined;
    own.ear?.close();
  };
  const lost = (own: Attempt) => {
    if (own.over) return;
    end(own);
    const ms = Math.min(FIRST_PAUSE_MS * 2 ** failures++, LONGEST_PAUSE_MS);
    timer = setTimeout(begin, ms * (0.5 + Math.random() / 2));
    // this alone keeps no process alive
    (timer as { unref?: () => void }).unref?.();
  };
  const attend = async (own: Attempt, channel: string, newcomer?: Hearer) => {
    try {
      if (own.ear) await within(own.ear.listen(channel), ANSWER_MS, () => new Error('late'));
    } catch {
      return lost(own);
    }
    if (own.over) return;
    failures = 0;
    if (!newcomer) heard(channel, '');
    else if (channels.get(channel)?.has(newcomer)) newcomer.hear('');
  };
  const ready = (own: Attempt) => {
    own.ready = true;
    if (own.over || !own.ear) return;
    for (const channel of [...channels.keys()]) void attend(own, channel);
  };
  const begin = () => {
    timer = undefined;
    const own: Attempt = { ear: undefined, ready: false, over: false };
    attempt = own;
    try {
      own.ear = open({
        ready: () => ready(own),
        lost: () => lost(own),
        heard: (channel, message) => {
          if (!own.over) heard(channel, message);
        },
      });
    } catch {
      return lost(own);
    }
    // it may have said so before it was there
    if (own.over) own.ear.close();
    else if (own.ready) ready(own);
  };
  return (channel, hear) => {
    const hearer = { hear };
    const hearers = channels.get(channel) ?? new Set();
    channels.set(channel, hearers.add(hearer));
    if (attempt?.ready && attempt.ear) void attend(attempt, channel, hearer);
    else if (!attempt && timer === undefined) begin();
    return () => {
      if (!hearers.delete(hearer) || hearers.size > 0) return;
      channels.delete(channel);
      if (channels.size > 0) {
        if (attempt?.ready) attempt.ear?.unlisten(channel).catch(() => {});
        return;
      }
      clearTimeout(timer);
      timer = undefined;
      failures = 0;
      if (attempt) end(attempt);
    };
  };
}

/** One listener for each client, whatever the number of its stores. */
export function listenersOf<C extends object>(make: (client: C) => Listener): (client: C) => Listener {
  let known: WeakMap<C, Listener> | undefined;
  return (client) => {
    known ??= new WeakMap();
    const listener = known.get(client) ?? make(client);
    known.set(client, listener);
    return listener;
  };
}
