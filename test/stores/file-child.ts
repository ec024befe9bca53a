// `node file-child.ts <file> <issuer> <name> <journal> <keys>`: refreshes again and again, until it is told to stop or killed.
import { appendFileSync } from 'node:fs';
import { createSession, isAuthError, isSignInRequired, type TokenStore } from 'latchkey/fetch';
import { refreshTokenGrant } from 'latchkey/oauth';
import { type EncryptionKey, fileStore } from 'latchkey/stores/file';
import type { Entry } from './file-journal.ts';

const [path = '', issuer = '', name = '', journal = '', keys = ''] = process.argv.slice(2);
/** Written at once: it survives a kill. */
const note = (entry: Entry) => appendFileSync(journal, `${JSON.stringify(entry)}\n`);

const encrypt = keys.split(',').map((key) => Buffer.from(key, 'base64'));
const store = fileStore(path, keys === '' ? {} : { encrypt: encrypt as unknown as [EncryptionKey] });
const noted: TokenStore = {
  ...store,
  async save(next, ifRevision) {
    const saved = await store.save(next, ifRevision);
    const token = next.tokens?.refreshToken;
    if (saved && token) note({ what: 'saved', at: Date.now(), token });
    return saved;
  },
  turn: (task, options) =>
    store.turn(async (signal) => {
      note({ what: 'turn', at: Date.now() });
      try {
        return await task(signal);
      } finally {
        note({ what: 'left', at: Date.now() });
      }
    }, options),
};
const session = createSession({
  refresh: refreshTokenGrant({
    issuer,
    clientId: 'spa',
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set('x-process', name);
      const token = new URLSearchParams(String(init?.body ?? '')).get('refresh_token');
      if (token) note({ what: 'posting', at: Date.now(), token });
      return fetch(input, { ...init, headers });
    },
  }),
  store: noted,
  observe: (event) => {
    if (event.type === 'save-failed' || event.type === 'store-degraded')
      note({ what: 'broken', at: Date.now(), why: JSON.stringify(event) });
  },
});

// What did not run for a while was stopped, or the machine had no time for it.
const TICK_MS = 50;
const GAP_MS = 200;
let last = Date.now();
const tick = setInterval(() => {
  const now = Date.now();
  if (now - last > TICK_MS + GAP_MS) note({ what: 'gap', at: last, to: now });
  last = now;
}, TICK_MS);

let stopping = false;
process.on('message', () => {
  stopping = true;
});
while (!stopping) {
  const at = Date.now();
  let how = 'refreshed';
  try {
    await session.refresh();
  } catch (error) {
    if (isSignInRequired(error)) how = 'signed-out';
    else
      how = isAuthError(error) && error.code === 'refresh-unavailable' ? `unavailable: ${error}` : `${error}`;
  }
  note({ what: 'call', at, to: Date.now(), how });
  await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 60));
}
await session.close();
clearInterval(tick);
process.disconnect();
