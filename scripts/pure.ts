import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const dist = new URL('../dist/', import.meta.url);

/** webpack drops an unused call only where the call itself says that it is pure; esbuild and Rollup also read what the function says. */
const pureCalls = (text: string) => {
  const pure = [...text.matchAll(/@__NO_SIDE_EFFECTS__(?: \*\/)?\s*function ([\w$]+)/g)].map(
    ([, name]) => name,
  );
  const names = pure.join('|').replaceAll('$', '\\$');
  return (
    names && text.replace(new RegExp(`(?<=(?:[=:>]|return) )(?=(?:${names})\\()`, 'g'), '/* @__PURE__ */ ')
  );
};

/** tsup leaves the load of a file behind of which nothing is used any more; esbuild warns of it where a workspace links the package. */
const usedLoads = (text: string) => text.replace(/^(?:import |require\()'\.\/[^']*'\)?;\n/gm, '');

for (const file of readdirSync(dist)) {
  if (!/\.c?js$/.test(file)) continue;
  const text = readFileSync(new URL(file, dist), 'utf8');
  const loaded = usedLoads(text);
  const patched = (file.endsWith('.js') && pureCalls(loaded)) || loaded;
  if (patched !== text) writeFileSync(new URL(file, dist), patched);
}
