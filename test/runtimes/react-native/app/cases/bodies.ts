import { createAuthFetch, createSession, defineScheme, refreshEndpoint } from 'latchkey';
import type { NativeCase } from '../native.ts';
import { signedInClient } from './signed-in.ts';

const group = 'bodies of React Native';
const FORM = 'application/x-www-form-urlencoded;charset=UTF-8';

/** What React Native takes for a file. */
const fileAt = (uri: string, name: string, type: string) => ({ uri, name, type }) as unknown as Blob;

export const bodies: readonly NativeCase[] = [
  {
    group,
    name: 'URLSearchParams of a client, of a Request and of a call without credentials are sent',
    async run(t) {
      const { realm, api } = await signedInClient(t);
      const body = () => new URLSearchParams({ a: '1 & 2', ü: 'é' });
      await realm.expire();
      await api.post('api/client', { body: body() });
      await realm.expire();
      await api.fetch(new Request(`${realm.url}/api/request`, { method: 'POST', body: body() }));
      await api.post('open/ky-plain', { body: body(), context: { auth: false } });
      await api.fetch('open/plain', { method: 'POST', body: body(), auth: false });
      await api.fetch(new Request(`${realm.other}/open/away`, { method: 'POST', body: body() }));
      const seen = (await realm.log()).filter(({ method, path }) => method === 'POST' && path !== '/refresh');
      t.expect.equal(
        seen.map(({ path, status, text, headers }) => [path, status, text, headers['content-type']]),
        [
          ['/api/client', 401],
          ['/api/client', 200],
          ['/api/request', 401],
          ['/api/request', 200],
          ['/open/ky-plain', 200],
          ['/open/plain', 200],
          ['/open/away', 200],
        ].map((line) => [...line, 'a=1+%26+2&%C3%BC=%C3%A9', FORM]),
        'what the server saw',
      );
    },
  },
  {
    group,
    name: 'URLSearchParams of a refresh endpoint are sent as a form',
    async run(t) {
      const realm = await t.server.realm();
      const session = createSession({
        refresh: refreshEndpoint(`${realm.url}/token`, {
          body: (held) =>
            new URLSearchParams({ grant_type: 'refresh_token', refresh_token: held?.refreshToken ?? '' }),
        }),
      });
      await session.signIn(await realm.issue());
      await session.refresh();
      const [seen] = (await realm.log()).filter(({ path }) => path === '/token');
      t.expect.equal([seen?.status, seen?.headers['content-type']], [200, FORM], 'the token request');
    },
  },
  {
    group,
    name: 'FormData with { uri } is sent and sent again with the file in it',
    async run(t) {
      const { realm, api } = await signedInClient(t);
      t.native.write('file:///photo.png', 'the bytes of a photo');
      const form = () => {
        const made = new FormData();
        made.append('title', 'A photo');
        made.append('photo', fileAt('file:///photo.png', 'photo.png', 'image/png'));
        return made;
      };
      await realm.expire();
      await api.post('api/client', { body: form() });
      await realm.expire();
      await api.fetch('api/fetch', { method: 'POST', body: form() });
      const seen = (await realm.log()).filter(({ path }) => path.startsWith('/api/'));
      t.expect.equal(
        seen.map(({ path, status }) => [path, status]),
        [
          ['/api/client', 401],
          ['/api/client', 200],
          ['/api/fetch', 401],
          ['/api/fetch', 200],
        ],
        'the sendings',
      );
      for (const { text, headers } of seen) {
        t.expect.match(headers['content-type'], /^multipart\/form-data; boundary=/, 'the type');
        t.expect.match(text, /name="title"\s+A photo\s/, 'the text part');
        t.expect.match(
          text,
          /filename="photo\.png"\s+content-type: image\/png\s+the bytes of a photo\s/i,
          'the file',
        );
      }
    },
  },
  {
    group,
    name: 'bytes, a Blob and text are sent and sent again',
    async run(t) {
      const { realm, api } = await signedInClient(t);
      const kinds: readonly [string, BodyInit][] = [
        ['bytes', Uint8Array.of(0, 255, 1)],
        ['buffer', Uint8Array.of(9, 8).buffer],
        ['blob', new Blob(['blob'], { type: 'text/x' } as BlobPropertyBag)],
        ['text', 'häß'],
      ];
      for (const [name, body] of kinds) {
        // React Native says no type for bytes, and Android sends nothing without one
        const headers = { 'content-type': 'application/x' };
        await realm.expire();
        await api.post(`api/${name}`, { body, headers });
        t.expect.equal((await api.fetch(`api/${name}`, { method: 'POST', body, headers })).status, 200, name);
      }
      const seen = (await realm.log()).filter(({ path }) => path.startsWith('/api/'));
      t.expect.equal(
        seen.map(({ path, status, hex }) => `${path.slice(5)} ${status} ${hex}`),
        [
          ['bytes', '00ff01'],
          ['buffer', '0908'],
          ['blob', '626c6f62'],
          ['text', '68c3a4c39f'],
        ].flatMap(([name, hex]) => [401, 200, 200].map((status) => `${name} ${status} ${hex}`)),
        'what the server saw',
      );
    },
  },
  {
    group,
    name: 'a file by its { uri } is sent and sent again',
    async run(t) {
      const { realm, api } = await signedInClient(t);
      t.native.write('file:///notes.txt', 'what is in the file');
      await realm.expire();
      const body = { uri: 'file:///notes.txt' } as unknown as BodyInit;
      await api.fetch('api/file', { method: 'POST', body, headers: { 'content-type': 'text/x' } });
      const seen = (await realm.log()).filter(({ path }) => path === '/api/file');
      t.expect.equal(
        seen.map(({ status, text }) => [status, text]),
        [401, 200].map((status) => [status, 'what is in the file']),
        'the sendings',
      );
    },
  },
  {
    group,
    name: 'what is made piece by piece is refused before anything is sent, which would be nothing',
    async run(t) {
      const { realm, api } = await signedInClient(t);
      const pieces = {
        [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
      };
      const body = pieces as unknown as BodyInit;
      const error = await t.expect.rejects(api.fetch('api/x', { method: 'POST', body }), 'the call');
      t.expect.equal(
        [error.name, (await realm.counts()).requests],
        ['TypeError', 0],
        'the error, the requests',
      );
    },
  },
  {
    group,
    name: 'a scheme reads the bytes of text, of bytes and of a Blob, and is told that it cannot read a form',
    async run(t) {
      const realm = await t.server.realm();
      const read: unknown[] = [];
      const auth = defineScheme({
        name: 'signed',
        async credentials({ body }) {
          read.push(typeof body === 'function' ? [...(await body())].join() : body);
          return undefined;
        },
      });
      const authFetch = createAuthFetch({ baseUrl: `${realm.url}/`, auth });
      const form = new FormData();
      form.append('a', '1');
      const bytes = { body: Uint8Array.of(1, 2), headers: { 'content-type': 'application/x' } };
      const bodies: RequestInit[] = [bytes, { body: new Blob(['AB']) }, { body: form }];
      if (typeof TextEncoder === 'function') bodies.push({ body: 'CD' });
      for (const init of bodies) await authFetch('open/x', { method: 'POST', ...init });
      t.expect.equal(read, ['1,2', '65,66', 'stream', '67,68'].slice(0, bodies.length), 'what it read');
    },
  },
];
