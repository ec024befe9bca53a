import type { Case } from '../case.ts';
import { signedIn } from '../session.ts';

const group = 'late 401';

export const late401: readonly Case[] = [
  {
    group,
    name: 'a refusal of the old token that arrives after the refresh is replayed and refreshes nothing',
    async run(t) {
      const { realm, authFetch } = await signedIn(t);
      await realm.expire();
      await realm.hold('late');
      const late = authFetch(`${realm.url}/api/late?gate=late`);
      await realm.until({ held: 1 });
      const first = await authFetch(`${realm.url}/api/first`);
      await realm.release('late');
      t.expect.equal([first.status, (await late).status], [200, 200], 'both are answered');
      const { tokens, requests } = await realm.counts();
      t.expect.equal({ tokens, requests }, { tokens: 1, requests: 4 }, 'at the server');
    },
  },
];
