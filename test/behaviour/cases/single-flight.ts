import type { Case } from '../case.ts';
import { refusedNext, times } from '../session.ts';

const group = 'single flight';

export const singleFlight: readonly Case[] = [
  {
    group,
    name: '20 requests that are refused together cause one refresh, and all are replayed',
    async run(t) {
      const { realm, authFetch } = await refusedNext(t);
      await realm.hold('token');
      const calls = times(20, (n) => authFetch(`${realm.url}/api/${n}`));
      await realm.until({ refused: 20 });
      await realm.release('token');
      const statuses = (await calls).map((response) => response.status);
      t.expect.equal(statuses, Array(20).fill(200), 'every call is answered');
      const { tokens, requests, reuse } = await realm.counts();
      t.expect.equal({ tokens, requests, reuse }, { tokens: 1, requests: 40, reuse: 0 }, 'at the server');
    },
  },
];
