import { createAuthClient, createSession, customStore, refreshEndpoint } from 'latchkey';

const place = 'notes.session';

/** One session for all tabs: the record rests in localStorage, Web Locks let one tab refresh at a time. */
export const session = createSession({
  refresh: refreshEndpoint(new URL('/auth/refresh', location.origin)),
  revoke: ({ fetch, signal, held }) =>
    fetch('/auth/logout', {
      method: 'POST',
      signal,
      body: JSON.stringify({ refreshToken: held.refreshToken }),
    }),
  store: customStore({
    read: () => localStorage.getItem(place),
    write: (text) => localStorage.setItem(place, text),
    lock: (work, signal) => navigator.locks.request(place, signal ? { signal } : {}, work),
    watch: (listener) => {
      const changed = (event: StorageEvent) => {
        if (event.key === place) listener();
      };
      addEventListener('storage', changed);
      return () => removeEventListener('storage', changed);
    },
  }),
});

export const api = createAuthClient({ baseUrl: `${location.origin}/api/`, auth: session });
