import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exceptions, runtimeNames } from '../behaviour/index.ts';
import { here, root } from './places.ts';
import { filledIn, reasonsOf, tableOf } from './table.ts';

const readme = readFileSync(`${root}README.md`, 'utf8');
const skipped = [
  { name: 'a: b', reason: 'no streams' },
  { name: 'a: c', reason: 'no streams' },
];
const reports = [
  { runtime: 'deno', version: '2', passed: 3, failed: [], skipped },
  {
    runtime: 'bun',
    version: '1',
    passed: 4,
    failed: [{ name: 'a: b', error: 'x' }],
    skipped: skipped.slice(1),
  },
];

describe('the table of runtimes', () => {
  it('shows what ran, what did not and why, and each reason once', () => {
    expect(tableOf(reports, [{ name: 'webkit', reason: 'it is not installed' }])).toBe(
      [
        '| runtime | version | passed | failed | cannot hold |',
        '| --- | --- | --- | --- | --- |',
        '| `deno` | 2 | 3 | 0 | 2 |',
        '| `bun` | 1 | 4 | 1 | 1 |',
        '| `webkit` | not run: it is not installed |  |  |  |',
      ].join('\n'),
    );
    expect(reasonsOf(reports)).toBe('- no streams (2 cases): `deno`, `bun`');
  });

  it('has its place in README, and replaces what was there', () => {
    expect(filledIn(filledIn(readme, 'first'), 'second')).toBe(filledIn(readme, 'second'));
    expect(filledIn(readme, 'second')).toContain('\nsecond\n');
    expect(() => filledIn('', 'text')).toThrow('no place');
  });

  it('is in README as a run without failures left it, with reasons of exceptions.ts', () => {
    const section = readme.slice(readme.indexOf('\n## Runtimes\n'), readme.indexOf('\n## Security\n'));
    const rows = [...section.matchAll(/^\| `([^`]+)` \| [\w.]+ \| (\d+) \| (\d+) \| \d+ \|$/gm)];
    expect(rows.length).toBeGreaterThan(7);
    for (const [, name, passed, failed] of rows) {
      expect(runtimeNames).toContain(name);
      // a compiler reads the doors
      expect(Number(passed)).toBeGreaterThan(name?.startsWith('hermesc') ? 15 : 100);
      expect(failed).toBe('0');
    }
    const reasons = [...section.matchAll(/^- (.*) \((?:one case|\d+ cases)\): /gm)].map(
      ([, reason]) => reason,
    );
    expect(reasons.length).toBeGreaterThan(0);
    expect(exceptions.map(({ reason }) => reason)).toEqual(expect.arrayContaining(reasons));
  });
});

describe('the packages of test/runtimes', () => {
  it.each(['', 'react-native/0.88/', 'react-native/0.83/'])(
    'are pinned, and their lock names no registry: %s',
    (folder) => {
      const read = (name: string) => JSON.parse(readFileSync(here + folder + name, 'utf8'));
      const { dependencies = {}, optionalDependencies = {}, devDependencies = {} } = read('package.json');
      const versions = Object.values<string>({
        ...dependencies,
        ...optionalDependencies,
        ...devDependencies,
      });
      expect(versions.filter((version) => !/^(npm:.+@)?\d+\.\d+\.\d+$/.test(version))).toEqual([]);
      const entries = Object.values<{ resolved?: string }>(read('package-lock.json').packages);
      expect(entries.filter(({ resolved }) => resolved !== undefined)).toEqual([]);
    },
  );
});
