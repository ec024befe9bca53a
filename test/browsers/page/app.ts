// The app of the test: one session for all tabs; it calls its API again and again when it is told to.
import { createAuthFetch, createSession, isSignInRequired, type SessionEvent } from 'latchkey/fetch';
import { refreshTokenGrant } from 'latchkey/oauth';
import { webStore } from 'latchkey/stores/web';

const tab = new URLSearchParams(location.search).get('tab') ?? 'tab';
const headers = { 'x-process': tab };
const events: SessionEvent[] = [];
const store = webStore('app');
const session = createSession({
  refresh: refreshTokenGrant({
    tokenEndpoint: `${location.origin}/token`,
    clientId: 'spa',
    fetch: (input, init) => {
      const named = new Headers(init?.headers);
      named.set('x-process', tab);
      return fetch(input, { ...init, headers: named });
    },
  }),
  store,
  user: ({ extra }) => String(extra?.['user'] ?? 'alice'),
  observe: (event) => events.push(event),
});
const authFetch = createAuthFetch({ auth: session, baseUrl: location.origin });
const tally = { calls: 0, failed: 0, longestMs: 0 };

async function call(): Promise<{ status: number; user?: string }> {
  const snapshot = session.getSnapshot();
  const as = snapshot.status === 'signed-in' ? snapshot.user : '';
  const response = await authFetch(`/api/data?as=${as}`, { headers });
  return { status: response.status, ...(await response.json()) };
}

function report(what: string, signInRequired: boolean): void {
  const body = JSON.stringify({ by: tab, what, signInRequired });
  void fetch('/report', { method: 'POST', body, keepalive: true }).catch(() => {});
}

/** One call after another, each a little later. */
async function work(): Promise<void> {
  await session.ready();
  for (;;) {
    const began = performance.now();
    try {
      tally.calls++;
      const { status } = await call();
      if (status !== 200) throw Object.assign(new Error(`status ${status}`), { refused: true });
    } catch (error) {
      tally.failed++;
      report(String(error), isSignInRequired(error) || Object(error).refused === true);
    }
    tally.longestMs = Math.max(tally.longestMs, performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 30 + Math.random() * 120));
  }
}

const app = { session, store, call, events, tally, tab };
export type App = typeof app;
Object.assign(globalThis, { app });
if (location.search.includes('work')) void work();
