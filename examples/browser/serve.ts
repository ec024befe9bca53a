// npm run build && node examples/browser/serve.ts
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { build } from 'esbuild';

const lifeMs = 5_000;
const access = new Map<string, { name: string; until: number }>();
const refresh = new Map<string, string>();

/** A rotating pair: the home-made token endpoint that many APIs have. */
function issue(name: string): object {
  const [accessToken, refreshToken] = [randomUUID(), randomUUID()];
  access.set(accessToken, { name, until: Date.now() + lifeMs });
  refresh.set(refreshToken, name);
  return { accessToken, refreshToken, expiresIn: lifeMs / 1_000 };
}

async function body(request: IncomingMessage): Promise<{ name?: string; refreshToken?: string }> {
  const chunks = await request.toArray();
  try {
    return Object(JSON.parse(Buffer.concat(chunks).toString()));
  } catch {
    return {};
  }
}

type Answer = { status?: number; json?: unknown; headers?: Record<string, string>; file?: Uint8Array };

const bundle = await build({
  entryPoints: [new URL('app.ts', import.meta.url).pathname],
  bundle: true,
  format: 'esm',
  write: false,
});

async function answer(request: IncomingMessage): Promise<Answer> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const [, area, what] = pathname.split('/');
  if (area === '') {
    return {
      file: await readFile(new URL('index.html', import.meta.url)),
      headers: { 'content-type': 'text/html' },
    };
  }
  if (area === 'app.js') {
    return {
      file: bundle.outputFiles[0]?.contents ?? new Uint8Array(),
      headers: { 'content-type': 'text/javascript' },
    };
  }
  if (area === 'auth' && request.method === 'POST') {
    const { name, refreshToken = '' } = await body(request);
    if (what === 'login') return name ? { json: issue(name) } : { status: 400 };
    const owner = refresh.get(refreshToken);
    refresh.delete(refreshToken);
    if (what === 'logout') return { status: 204 };
    return owner ? { json: issue(owner) } : { status: 401 };
  }
  if (area === 'api') {
    const held = access.get(/^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '');
    return held && held.until > Date.now()
      ? { json: { text: `${pathname} for ${held.name}` } }
      : { status: 401, headers: { 'www-authenticate': 'Bearer realm="notes", error="invalid_token"' } };
  }
  return { status: 404 };
}

const server = createServer(async (request, response) => {
  const {
    status = 200,
    json,
    headers = {},
    file,
  } = await answer(request).catch(() => ({ status: 500 }) as Answer);
  const type: Record<string, string> = json === undefined ? {} : { 'content-type': 'application/json' };
  response.writeHead(status, { ...type, ...headers });
  response.end(file ?? (json === undefined ? undefined : JSON.stringify(json)));
});
server.listen(Number(process.env['PORT'] ?? 5173), '127.0.0.1', () => {
  console.log('Open http://localhost:%d/', Object(server.address()).port);
});
