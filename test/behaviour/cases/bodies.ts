import { createAuthFetch, NotReplayableError, outcomeOf } from 'latchkey/fetch';
import type { Tools } from '../case.ts';
import { group } from '../group.ts';
import type { Entry } from '../server.ts';
import { counted, refusedNext, sendings } from '../session.ts';

const BYTES = new Uint8Array([0, 1, 127, 128, 250, 255]);
const HEX = '00017f80faff';

/** Sends it, has it refused once, and gives both sendings as the server saw them. */
async function both(t: Tools, init: RequestInit & { duplex?: 'half' }): Promise<readonly [Entry, Entry]> {
  const { realm, authFetch } = await refusedNext(t);
  const response = await authFetch(`${realm.url}/api/body`, { method: 'POST', ...init });
  t.expect.equal(response.status, 200, 'the call is answered');
  const seen = await sendings(realm, '/api/body');
  t.expect.equal(
    seen.map(({ status }) => status),
    [401, 200],
    'the sendings',
  );
  t.expect.equal(await counted(realm, 'tokens'), { tokens: 1 }, 'at the server');
  return [seen[0] as Entry, seen[1] as Entry];
}

const typeOf = (entry: Entry) => entry.headers['content-type']?.replace('charset=utf-8', 'charset=UTF-8');

export const bodies = group('bodies', {
  'a text arrives twice as its bytes in UTF-8, with the Content-Type that the platform gives it': async (
    t,
  ) => {
    const init = { method: 'POST', body: 'Zoë → 🐦' };
    const realm = await t.server.realm();
    await t.fetch(`${realm.url}/open/plain`, init);
    const [plain] = await sendings(realm, '/open/plain');
    for (const entry of await both(t, init)) {
      t.expect.equal(entry.text, 'Zoë → 🐦', 'the body');
      t.expect.equal(entry.headers['content-type'], plain?.headers['content-type'], 'Content-Type');
    }
  },

  'URLSearchParams are sent and sent again as the text of a form': async (t) => {
    const body = new URLSearchParams([
      ['a', '1'],
      ['b', 'two'],
    ]);
    for (const entry of await both(t, { body })) {
      t.expect.equal(entry.text, 'a=1&b=two', 'the body');
      t.expect.equal(typeOf(entry), 'application/x-www-form-urlencoded;charset=UTF-8', 'Content-Type');
    }
  },

  'bytes arrive twice, whole, and without a Content-Type of ours': async (t) => {
    for (const entry of await both(t, { body: BYTES.slice() })) t.expect.equal(entry.hex, HEX, 'the body');
    for (const entry of await both(t, { body: BYTES.slice().buffer }))
      t.expect.equal(entry.hex, HEX, 'the buffer');
  },

  'a view is the part of its buffer that it shows': async (t) => {
    const larger = new Uint8Array([9, 9, ...BYTES, 9]);
    const part = larger.subarray(2, 2 + BYTES.length);
    // Android sends no bytes without one
    const headers = { 'content-type': 'application/x' };
    for (const entry of await both(t, { body: part, headers })) t.expect.equal(entry.hex, HEX, 'Uint8Array');
    const view = new DataView(larger.buffer, 2, BYTES.length);
    for (const entry of await both(t, { body: view, headers })) t.expect.equal(entry.hex, HEX, 'DataView');
  },

  'bytes that the caller overwrites meanwhile are sent as they were': async (t) => {
    const { realm, authFetch } = await refusedNext(t);
    const body = BYTES.slice();
    const headers = { 'content-type': 'application/x' };
    const call = authFetch(`${realm.url}/api/body`, { method: 'POST', body, headers });
    body.fill(9);
    t.expect.equal((await call).status, 200, 'the call is answered');
    const seen = await sendings(realm, '/api/body');
    t.expect.equal(
      seen.map(({ hex }) => hex),
      [HEX, HEX],
      'both sendings',
    );
  },

  'a Blob keeps its bytes and its type': {
    needs: ['blobs'],
    async run(t) {
      for (const entry of await both(t, { body: new Blob([BYTES], { type: 'image/x' }) })) {
        t.expect.equal([entry.hex, typeOf(entry)], [HEX, 'image/x'], 'the sending');
      }
    },
  },

  'a form with a file is the same twice, boundary included': {
    needs: ['form-data', 'blobs'],
    async run(t) {
      const body = new FormData();
      body.append('who', 'Zoë');
      body.append('file', new Blob(['file-text'], { type: 'text/x' }), 'a "b".txt');
      const [first, second] = await both(t, { body });
      t.expect.equal(first.hex, second.hex, 'both sendings');
      t.expect.equal(typeOf(first), typeOf(second), 'the boundary');
      t.expect.match(first.headers['content-type'], /^multipart\/form-data; boundary=\S+$/, 'Content-Type');
      const boundary = /boundary=(\S+)$/.exec(first.headers['content-type'] ?? '')?.[1] ?? '?';
      const parts = first.text.split(`--${boundary}`).length;
      t.expect.equal(parts, 4, 'two parts between boundaries');
      t.expect.ok(first.text.includes('Zoë') && first.text.includes('file-text'), 'the values');
      t.expect.match(first.text, /filename="a %22b%22.txt"/, 'the name, escaped');
    },
  },

  'a stream is kept while it is sent, and sent again': {
    needs: ['request-streams'],
    async run(t) {
      let pulled = 0;
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          await t.sleep(1);
          controller.enqueue(BYTES.slice());
          if (++pulled === 3) controller.close();
        },
      });
      for (const entry of await both(t, { body, duplex: 'half' }))
        t.expect.equal(entry.hex, HEX.repeat(3), 'the body');
      t.expect.equal(pulled, 3, 'it is read once');
    },
  },

  'what is iterated asynchronously is sent as a stream, twice': {
    needs: ['request-streams'],
    async run(t) {
      const parts = [BYTES.slice(0, 2), BYTES.slice(2)];
      const body = {
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ done: parts.length === 0, value: parts.shift() }),
        }),
      };
      const init = { body: body as unknown as BodyInit, duplex: 'half' } as const;
      for (const entry of await both(t, init)) t.expect.equal(entry.hex, HEX, 'the body');
    },
  },

  'a stream that fails half-way fails the call, and refreshes nothing': {
    needs: ['response-streams'],
    async run(t) {
      const { realm, authFetch } = await refusedNext(t);
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          await t.sleep(1);
          controller.error(new Error('the disk is gone'));
        },
      });
      const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
      await t.expect.rejects(authFetch(`${realm.url}/api/broken`, init), 'the call');
      t.expect.equal(await counted(realm, 'tokens'), { tokens: 0 }, 'at the server');
    },
  },

  'a stream beyond maxReplayBytes is sent once, and the next call works': {
    needs: ['request-streams'],
    async run(t) {
      const { realm, session } = await refusedNext(t);
      const authFetch = createAuthFetch({ baseUrl: realm.url, auth: session, maxReplayBytes: 1_000 });
      const stream = () =>
        new ReadableStream<Uint8Array>({
          async start(controller) {
            for (let chunk = 0; chunk < 4; chunk++) {
              await t.sleep(1);
              controller.enqueue(new Uint8Array(1_000).fill(chunk));
            }
            controller.close();
          },
        });
      const init = () => ({ method: 'POST', body: stream(), duplex: 'half' }) as RequestInit;
      const refused = await authFetch(`${realm.url}/api/long`, init());
      t.expect.equal([refused.status, outcomeOf(refused)?.reason], [401, 'one-shot'], 'delivered');
      const next = await authFetch(`${realm.url}/api/long`, init());
      t.expect.equal(next.status, 200, 'the next call');
      t.expect.equal((await sendings(realm, '/api/long')).length, 2, 'sendings');
      await realm.expire();
      const strict = createAuthFetch({
        baseUrl: realm.url,
        auth: session,
        maxReplayBytes: 1_000,
        onOneShot: 'throw',
      });
      const error = await t.expect.rejects(strict(`${realm.url}/api/long`, init()), "onOneShot: 'throw'");
      t.expect.ok(error instanceof NotReplayableError, String(error));
    },
  },

  'a stream is sent as its bytes or refused with an error: never as a text that names it': {
    needs: ['response-streams'],
    async run(t) {
      const { realm, authFetch } = await refusedNext(t);
      const body = new Response(BYTES.slice()).body;
      const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
      const came = await authFetch(`${realm.url}/api/stream`, init).then(
        (response) => response.status,
        (error: Error) => error.name,
      );
      const seen = await sendings(realm, '/api/stream');
      if (typeof came === 'number') {
        t.expect.equal([came, seen.at(-1)?.hex], [200, HEX], 'it was sent');
      } else {
        t.expect.match(came, /^(TypeError|NotSupportedError)$/, 'the error');
        t.expect.equal(
          seen.filter(({ text }) => text.includes('object')),
          [],
          'nothing of it was sent',
        );
      }
    },
  },

  'a Request with a body is sent again': async (t) => {
    const { realm, authFetch } = await refusedNext(t);
    const headers = { 'content-type': 'application/json', 'x-own': 'kept' };
    const request = new Request(`${realm.url}/api/request`, { method: 'PUT', body: '{"n":1}', headers });
    const response = await authFetch(request);
    t.expect.equal(response.status, 200, 'the call is answered');
    const seen = await sendings(realm, '/api/request');
    t.expect.equal(
      seen.map(({ method, text, headers }) => [method, text, headers['content-type'], headers['x-own']]),
      Array(2).fill(['PUT', '{"n":1}', 'application/json', 'kept']),
      'both sendings',
    );
  },

  'a Request without a body is sent again, and may be given twice': async (t) => {
    const { realm, authFetch } = await refusedNext(t);
    const request = new Request(`${realm.url}/api/request`, { headers: { 'x-own': 'kept' } });
    const statuses = [(await authFetch(request)).status, (await authFetch(request)).status];
    t.expect.equal(statuses, [200, 200], 'both calls');
    const seen = await sendings(realm, '/api/request');
    t.expect.equal(
      seen.map(({ status, headers }) => [status, headers['x-own']]),
      [
        [401, 'kept'],
        [200, 'kept'],
        [200, 'kept'],
      ],
      'the sendings',
    );
  },

  '512 KiB arrive twice': async (t) => {
    const body = 'x0123456789abcdef'.repeat(30_840);
    const [first, second] = await both(t, { body });
    t.expect.equal(first.sha256, second.sha256, 'the hashes');
    t.expect.equal(Number(first.headers['content-length']), body.length, 'the length');
  },

  'a Content-Type of the caller is kept, also for a body that has one of its own': async (t) => {
    const headers = { 'Content-Type': 'application/vnd.api+json' };
    for (const entry of await both(t, { body: '{}', headers })) {
      t.expect.equal(entry.headers['content-type'], 'application/vnd.api+json', 'Content-Type');
    }
  },

  'an empty text is a body of no bytes, twice': async (t) => {
    for (const entry of await both(t, { body: '' })) t.expect.equal(entry.hex, '', 'the body');
  },
});
