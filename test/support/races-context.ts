import type { SessionEvent } from '../../src/events.js';
import { createSession } from '../../src/session/session.js';
import type { Session, SessionOptions } from '../../src/session/types.js';
import { RacePlace, type RaceStore } from './races-place.js';
import { record, tokenServer } from './races-tools.js';

export interface Context {
  readonly place: RacePlace;
  readonly store: RaceStore;
  readonly server: ReturnType<typeof tokenServer>;
  readonly session: Session;
  readonly events: SessionEvent[];
  /** The access and refresh tokens that were revoked. */
  readonly revoked: string[];
  /** The types of the events, with what tells them apart. */
  told(): string[];
}

/** One JavaScript context: a session over its own handle of a place, where alice is signed in. */
export function context(
  about: { readonly place?: RacePlace; readonly exclusive?: boolean; readonly options?: SessionOptions } = {},
): Context {
  const place = about.place ?? new RacePlace(record(0));
  const store = place.handle(about.exclusive ?? true);
  const server = tokenServer();
  const events: SessionEvent[] = [];
  const revoked: string[] = [];
  const session = createSession({
    refresh: server.ask,
    revoke: async ({ held }) => revoked.push(`${held.accessToken} ${held.refreshToken}`),
    store,
    observe: (event) => events.push(event),
    ...about.options,
  }) as Session;
  return { place, store, server, session, events, revoked, told: () => events.map(tellOf) };
}

/** A context that has loaded what is stored. */
export async function loaded(about: Parameters<typeof context>[0] = {}): Promise<Context> {
  const made = context(about);
  await made.session.ready();
  made.events.length = 0;
  return made;
}

function tellOf(event: SessionEvent): string {
  switch (event.type) {
    case 'signed-in':
    case 'refreshed':
      return `${event.type} ${event.here ? 'here' : 'elsewhere'}`;
    case 'signed-out':
      return `${event.type} ${event.cause}`;
    case 'refresh-failed':
    case 'store-degraded':
      return `${event.type} ${event.reason}`;
    default:
      return event.type;
  }
}
