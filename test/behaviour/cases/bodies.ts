import type { Case } from '../case.ts';
import { refusedNext } from '../session.ts';

const group = 'bodies';

export const bodies: readonly Case[] = [
  {
    group,
    name: 'URLSearchParams are sent and sent again as the text of a form',
    async run(t) {
      const { realm, authFetch } = await refusedNext(t);
      const response = await authFetch(`${realm.url}/api/form`, {
        method: 'POST',
        body: new URLSearchParams({ a: '1', b: 'two words' }),
      });
      t.expect.equal(response.status, 200, 'the call is answered');
      const seen = (await realm.log()).filter(({ path }) => path === '/api/form');
      const type = 'application/x-www-form-urlencoded;charset=UTF-8';
      t.expect.equal(
        seen.map(({ text, headers, status }) => [status, text, headers['content-type']]),
        [
          [401, 'a=1&b=two+words', type],
          [200, 'a=1&b=two+words', type],
        ],
        'both sendings',
      );
    },
  },
];
