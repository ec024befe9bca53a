import { readFileSync } from 'node:fs';
import { bundle } from '../bundle.ts';
import type { Pack } from '../pack.ts';
import { startServer, type TestServer } from '../server.ts';

const HTML = `<!doctype html><meta charset="utf-8"><title>latchkey</title>
<script src="/before.js"></script><script src="/suite.js"></script>`;

/** The page of the suite, whose `suite.run` is that of entry.ts, at an origin of its own: what it asks of the others goes by CORS. */
export async function startSite(pack: Pack): Promise<TestServer> {
  const shared = {
    format: 'iife',
    platform: 'browser',
    latchkey: { conditions: ['browser'] },
    globalName: 'suite',
  } as const;
  const scripts = [
    ['/before.js', await bundle(pack, { ...shared, entry: '../behaviour/before.ts', out: 'before.js' })],
    ['/suite.js', await bundle(pack, { ...shared, entry: 'browser/entry.ts', out: 'suite.js' })],
  ] as const;
  const site = await startServer();
  site.files.set('/', { type: 'text/html', body: HTML });
  for (const [path, file] of scripts)
    site.files.set(path, { type: 'text/javascript; charset=utf-8', body: readFileSync(file) });
  return site;
}
