import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { root } from '../support/source.js';
import { titlesOf } from '../support/spec-titles.js';
import { checklist, SECTIONS } from './checklist.js';
import type { Row } from './row.js';

const rows = Object.entries(checklist);
const ids = Object.entries(SECTIONS).flatMap(([section, count]) =>
  Array.from({ length: count }, (_, i) => `${section}.${i + 1}`),
);

/** A section of the README as one line. */
function limits(): string {
  const readme = readFileSync(`${root}README.md`, 'utf8');
  const from = readme.indexOf('\n## Limits\n');
  expect(from).toBeGreaterThan(0);
  const rest = readme.slice(from + 1);
  const end = rest.indexOf('\n## ');
  return (end < 0 ? rest : rest.slice(0, end)).replace(/\s+/g, ' ');
}

const read = new Map<string, ReadonlySet<string>>();
function titles(file: string): ReadonlySet<string> {
  const path = `test/${file}.test.ts`;
  let found = read.get(file);
  if (!found) {
    found = existsSync(root + path) ? titlesOf(path) : new Set();
    read.set(file, found);
  }
  return found;
}

describe('checklist', () => {
  it('has a row for every obligation, and no other', () => {
    expect(rows.map(([id]) => id)).toEqual(ids);
  });

  it('holds every obligation by a test or by a limit', () => {
    const named = (row: Row) => Object.values(row.tests ?? {}).flat();
    const bare = rows.filter(([, row]) => named(row).length === 0 && !row.limit);
    expect(bare.map(([id]) => id)).toEqual([]);
    for (const [, { about }] of rows) expect(about).not.toBe('');
  });

  it.each(rows)('%s is held by tests that exist', (_id, { tests = {} }) => {
    const absent = Object.entries(tests).flatMap(([file, names]) =>
      names.filter((name) => !titles(file).has(name)).map((name) => `${file}: ${name}`),
    );
    expect(absent).toEqual([]);
  });

  it.each(rows.filter(([, { limit }]) => limit))('%s is a limit that the README tells', (_id, { limit }) => {
    expect(limits().includes(limit as string), limit).toBe(true);
  });
});

describe('titlesOf', () => {
  it('knows plain titles, templates and lines of tables, and nothing else', () => {
    const found = titlesOf('test/spec/22-status-matrix.test.ts');
    expect(found).toContain('attaches a token where none was sent, once');
    expect(found).toContain('one refresh and one replay: %s');
    expect(found).toContain('a proxy that asks');
    expect(found).not.toContain('createAuthFetch: private statuses');
    expect(found).not.toContain('the body');
  });
});
