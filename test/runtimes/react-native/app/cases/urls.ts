import type { NativeCase } from '../native.ts';
import { signedInClient } from './signed-in.ts';

const group = 'URLs of React Native';

export const urls: readonly NativeCase[] = [
  {
    group,
    name: 'a POST is sent again whose URL the platform writes in another way',
    async run(t) {
      const { realm, api } = await signedInClient(t);
      await realm.expire();
      const response = await api.fetch(`${realm.url}/api/a b/ü?q=x|y "z"#part`, {
        method: 'POST',
        body: 'x',
      });
      t.expect.equal(response.status, 200, 'the answer');
      t.expect.equal((await realm.counts()).tokens, 1, 'token requests');
    },
  },
  {
    group,
    name: 'a relative one resolves against baseUrl, of the client and of its fetch',
    async run(t) {
      const { realm, api } = await signedInClient(t);
      await api.get('api/a');
      await api.fetch('api/b');
      await api.fetch('api/c?q=1');
      t.expect.equal(
        (await realm.log()).map(({ path }) => path),
        ['/api/a', '/api/b', '/api/c?q=1'],
        'the paths',
      );
    },
  },
  {
    group,
    name: 'the client’s are appended to baseUrl by the platform, which README warns of',
    async run(t) {
      const { realm, api } = await signedInClient(t);
      await api.get('api/d', { searchParams: { q: 'a b' } });
      await api.get('/api/e');
      const slash = t.runtime === 'react-native-0.83' ? '/' : '';
      t.expect.equal(
        (await realm.log()).map(({ path }) => path),
        [`/api/d${slash}?q=a+b`, '/api/e'],
        'the paths',
      );
    },
  },
  {
    group,
    name: 'one that only looks like an allowed origin sees no credentials',
    async run(t) {
      const { realm, api } = await signedInClient(t);
      const origin = /^https?:\/\/[^/]*/.exec(realm.url)?.[0] ?? '';
      const away = `${realm.other}/open/x`.replace(/^http:\/\//, '');
      for (const url of [`${origin}@${away}`, `${origin}.evil.example/`, `${origin}\\@${away}`]) {
        await api.fetch(url).then(
          () => undefined,
          () => undefined,
        );
      }
      const sent = (await realm.log()).filter(({ headers }) =>
        headers['authorization']?.startsWith('Bearer'),
      );
      t.expect.equal(
        sent.map(({ path, origin: at }) => [path, at]),
        [],
        'requests with a token',
      );
    },
  },
];
