// `node file-child.ts <file> <issuer> <name>`: refreshes again and again, until it is told to stop or killed.
import { createSession, isSignInRequired } from 'latchkey/fetch';
import { refreshTokenGrant } from 'latchkey/oauth';
import { fileStore } from 'latchkey/stores/file';
import type { Report } from './file-processes.ts';

const [path = '', issuer = '', name = ''] = process.argv.slice(2);
const report: Report = { refreshed: 0, adopted: 0, longestMs: 0, failed: [], signedOut: 0 };
const session = createSession({
  refresh: refreshTokenGrant({
    issuer,
    clientId: 'spa',
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set('x-process', name);
      return fetch(input, { ...init, headers });
    },
  }),
  store: fileStore(path),
  observe: (event) => {
    if (event.type === 'refreshed') report[event.here ? 'refreshed' : 'adopted']++;
    if (event.type === 'save-failed' || event.type === 'store-degraded')
      report.failed.push(`${event.type} ${JSON.stringify(event)}`);
  },
});

let stopping = false;
process.on('message', () => {
  stopping = true;
});
while (!stopping) {
  const began = performance.now();
  try {
    await session.refresh();
  } catch (error) {
    if (isSignInRequired(error)) report.signedOut++;
    else report.failed.push(String(error));
  }
  report.longestMs = Math.max(report.longestMs, performance.now() - began);
  await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 60));
}
await session.close();
process.send?.(report, () => process.disconnect());
