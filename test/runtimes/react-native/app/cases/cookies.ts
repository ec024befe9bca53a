import { createAuthFetch, createCookieSession } from 'latchkey/fetch';
import type { NativeCase } from '../native.ts';

export const cookies: readonly NativeCase[] = [
  {
    group: 'createCookieSession',
    name: "sends the platform's cookies, and renews them by a refusal",
    async run(t) {
      const realm = await t.server.realm({ cookies: true });
      await t.fetch(`${realm.url}/login`, { method: 'POST', body: 'x' });
      const session = createCookieSession({
        refresh: ({ fetch }) => fetch(`${realm.url}/refresh`, { method: 'POST', credentials: 'include' }),
      });
      await session.signIn();
      const authFetch = createAuthFetch({ baseUrl: `${realm.url}/`, auth: session });
      t.expect.equal((await authFetch('cookie/a')).status, 200, 'the first call');
      await realm.expire();
      t.expect.equal((await authFetch('cookie/b')).status, 200, 'a call that refreshes');
      t.expect.equal((await realm.counts()).tokens, 1, 'token requests');
    },
  },
];
