import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const dist = new URL('../dist/', import.meta.url);

/** What latchkey depends on is ESM only. Node 22.12 and later can require() it, but TypeScript's node16 refuses a CommonJS
 * declaration file that names it, unless the import is of types and says how it is resolved. */
const typesOfPackages = (text: string) =>
  text.replace(
    /^import (\{[^}]*\}) from '([^.'][^':]*)';$/gm,
    "import type $1 from '$2' with { 'resolution-mode': 'import' };",
  );

/** tsup splits CommonJS by way of ESM, whose names for what the doors share stay behind. */
const ownFiles = (text: string) => text.replace(/require\('(\.\/[\w-]+)\.js'\)/g, "require('$1.cjs')");

for (const file of readdirSync(dist)) {
  const patch = file.endsWith('.d.cts') ? typesOfPackages : file.endsWith('.cjs') ? ownFiles : undefined;
  if (patch === undefined) continue;
  const text = readFileSync(new URL(file, dist), 'utf8');
  const patched = patch(text);
  if (patched !== text) writeFileSync(new URL(file, dist), patched);
}
