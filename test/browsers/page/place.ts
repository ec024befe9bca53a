// A session without a server, and its store, wherever a page or a worker may be.
import { createSession, type SessionEvent } from 'latchkey/fetch';
import { webStore } from 'latchkey/stores/web';

/** The place is named by the query. */
const events: SessionEvent[] = [];
const store = webStore(`place${location.search}`);
let refreshes = 0;
const session = createSession({
  refresh: async ({ held }) => {
    refreshes++;
    const n = Number(/\d+$/.exec(held.refreshToken ?? '')?.[0]) + 1;
    return { accessToken: `at-${n}`, refreshToken: `rt-${n}`, expiresIn: 300 };
  },
  store,
  observe: (event) => events.push(event),
});
const place = {
  session,
  store,
  signIn: () => session.signIn({ accessToken: 'at-1', refreshToken: 'rt-1', expiresIn: 300 }),
  /** What a script knows of the session. */
  async look() {
    const { status } = await session.ready();
    const accessToken = status === 'signed-in' ? (await session.token()).accessToken : undefined;
    const degraded = events.flatMap((event) => (event.type === 'store-degraded' ? [event.reason] : []));
    return { status, accessToken, degraded, refreshes };
  },
  /** Holds a turn that never ends; says when it was lost. */
  hold() {
    const held = { begun: false, lost: false };
    void store.turn((signal) => {
      held.begun = true;
      signal.addEventListener('abort', () => {
        held.lost = true;
      });
      return new Promise(() => {});
    });
    return held;
  },
};
export type Place = typeof place;
export type Look = Awaited<ReturnType<Place['look']>>;
Object.assign(globalThis, { place });

// A worker does what it is told by messages.
if (typeof document === 'undefined') {
  addEventListener('message', async (event) => {
    const { data, ports, source } = event as MessageEvent<'look' | 'refresh' | 'signOut'>;
    if (data === 'refresh') await session.refresh();
    if (data === 'signOut') await session.signOut();
    const port = ports[0] ?? (source as MessagePort | null);
    port?.postMessage(await place.look());
  });
}
