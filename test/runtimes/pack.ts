import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cache, root } from './places.ts';

/** The package as `npm publish` would send it, installed in an app of its own. */
export interface Pack {
  /** The folder of the app, ending with a slash: what lies in it resolves `latchkey`, and `latchkey-copy`, the same again. */
  readonly app: string;
  readonly tarball: string;
}

/** Packs what is built, and installs it twice: two copies of a package meet in real apps too. */
export function pack(): Pack {
  const app = `${cache}app/`;
  rmSync(app, { recursive: true, force: true });
  mkdirSync(app, { recursive: true });
  const out = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', app], root);
  const packed = JSON.parse(out) as Record<string, { filename: string }> | { filename: string }[];
  const [{ filename } = { filename: '' }] = Object.values(packed);
  const { dependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  // the versions that the other tests run with
  const overrides = Object.fromEntries(
    Object.keys(dependencies).map((name) => [name, packages[`node_modules/${name}`]?.version]),
  );
  const manifest = {
    name: 'app',
    private: true,
    dependencies: { latchkey: `file:${filename}`, 'latchkey-copy': `file:${filename}` },
    overrides,
  };
  writeFileSync(`${app}package.json`, JSON.stringify(manifest, null, 2));
  npm(['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'], app);
  return { app, tarball: `${app}${filename}` };
}

function npm(args: readonly string[], cwd: string): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
