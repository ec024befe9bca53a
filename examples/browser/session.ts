import { createAuthClient, createSession, refreshEndpoint } from 'latchkey';
import { webStore } from 'latchkey/stores/web';

/** One session for all tabs: one of them refreshes at a time. */
export const session = createSession({
  refresh: refreshEndpoint(new URL('/auth/refresh', location.origin)),
  revoke: ({ fetch, signal, held }) =>
    fetch('/auth/logout', {
      method: 'POST',
      signal,
      body: JSON.stringify({ refreshToken: held.refreshToken }),
    }),
  store: webStore('notes'),
});

export const api = createAuthClient({ baseUrl: `${location.origin}/api/`, auth: session });
