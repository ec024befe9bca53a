// ky is ESM only. Node 22.12 and later can require() it, but TypeScript's node16 refuses a CommonJS declaration file
// that names it, unless the import is of types and says how it is resolved.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const dist = new URL('../dist/', import.meta.url);

for (const file of readdirSync(dist)) {
  if (!file.endsWith('.d.cts')) continue;
  const text = readFileSync(new URL(file, dist), 'utf8');
  const patched = text.replace(
    /^import (\{[^}]*\}) from 'ky';$/m,
    "import type $1 from 'ky' with { 'resolution-mode': 'import' };",
  );
  if (patched !== text) writeFileSync(new URL(file, dist), patched);
}
