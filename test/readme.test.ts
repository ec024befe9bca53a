import { existsSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { diagnose } from './support/compile.js';
import { parse, root } from './support/source.js';

const readme = readFileSync(`${root}README.md`, 'utf8');
const prose = readme.replace(/^```.*?^```$/gms, '');

/** The programs, as files beside each other: one that begins with its name can be imported by the others. */
const programs = new Map(
  [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = ''], index) => {
    const name = /^\/\/ ([\w-]+\.ts)\n/.exec(text)?.[1] ?? `block-${index + 1}.ts`;
    return [`readme/${name}`, text.includes('\nexport ') ? text : `${text}export {};\n`] as const;
  }),
);

/** From a heading to the next of its level. */
function sectionOf(heading: string): string {
  const level = /^#+/.exec(heading)?.[0] ?? '';
  const from = readme.indexOf(`\n${heading}\n`);
  expect(from, heading).toBeGreaterThan(0);
  const rest = readme.slice(from + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${level.length}} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
}

/** The code in the first column of a section's tables. */
const firstColumn = (heading: string) =>
  [...sectionOf(heading).matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);

/** What a door exports by name, in the order of the code. */
function exportsOf(door: string): string[] {
  return parse(door).statements.flatMap((statement) =>
    ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)
      ? statement.exportClause.elements.map((element) => element.name.text)
      : [],
  );
}

/** The members of a union of texts, or those of its members' `type`. */
function textsOf(file: string, alias: string): string[] {
  const found: string[] = [];
  for (const statement of parse(file).statements) {
    if (!ts.isTypeAliasDeclaration(statement) || statement.name.text !== alias) continue;
    for (const member of ts.isUnionTypeNode(statement.type) ? statement.type.types : []) {
      const type = ts.isTypeLiteralNode(member)
        ? member.members.find((of) => of.name?.getText() === 'type')
        : member;
      const literal = type && ts.isPropertySignature(type) ? type.type : type;
      if (literal && ts.isLiteralTypeNode(literal) && ts.isStringLiteral(literal.literal))
        found.push(literal.literal.text);
    }
  }
  return found;
}

describe('README.md', () => {
  it('goes from the promise to the decisions', () => {
    expect([...prose.matchAll(/^##? (.*)$/gm)].map(([, heading]) => heading)).toEqual([
      'latchkey',
      'Goals',
      'Install',
      'The smallest programs',
      'How a 401 is handled',
      '`latchkey`',
      '`latchkey/fetch`',
      '`latchkey/challenge`',
      '`latchkey/oauth`',
      '`latchkey/digest`',
      '`latchkey/dpop`',
      '`latchkey/stores/web`',
      '`latchkey/stores/async-storage`',
      '`latchkey/stores/file`',
      '`latchkey/stores/redis`',
      '`latchkey/stores/postgres`',
      'Errors',
      'Events',
      'Recipes',
      'Runtimes',
      'Security',
      'Comparison',
      'Demo',
      'Tests',
      'Limits',
      'Decisions',
    ]);
  });

  it('has programs that compile against the built types', () => {
    expect(programs.size).toBeGreaterThan(15);
    const complaints = diagnose(
      [...programs.keys(), 'examples/react-native/platform.d.ts', 'test/runtimes/workerd/platform.d.ts'],
      {
        types: ['node'],
        skipLibCheck: true,
        lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
      },
      undefined,
      programs,
    );
    expect(Object.fromEntries([...complaints].filter(([, texts]) => texts.length > 0))).toEqual({});
    // a compiler on a busy machine
  }, 60_000);

  it('shows no program in another language than the one that is checked', () => {
    const languages = [...readme.matchAll(/^```(\w+)$/gm)].map(([, language]) => language);
    expect([...new Set(languages)].sort()).toEqual(['sh', 'ts']);
  });

  it.each([
    ['latchkey', 'src/index.ts'],
    ['latchkey/fetch', 'src/fetch.ts'],
    ['latchkey/challenge', 'src/challenge.ts'],
    ['latchkey/oauth', 'src/oauth/index.ts'],
    ['latchkey/digest', 'src/digest.ts'],
    ['latchkey/dpop', 'src/schemes/dpop/index.ts'],
    ['latchkey/stores/web', 'src/stores/web/index.ts'],
    ['latchkey/stores/async-storage', 'src/stores/async-storage/index.ts'],
    ['latchkey/stores/file', 'src/stores/file/index.ts'],
    ['latchkey/stores/redis', 'src/stores/redis/index.ts'],
    ['latchkey/stores/postgres', 'src/stores/postgres/index.ts'],
  ])('names every export of %s once, in the order of the code', (door, file) => {
    expect(firstColumn(`## \`${door}\``)).toEqual(exportsOf(file));
  });

  it('has a heading for every door', () => {
    for (const door of Object.keys(manifest.exports)) {
      if (door !== './package.json') sectionOf(`## \`${door.replace('.', 'latchkey')}\``);
    }
  });

  it('explains every reason for which a 401 is delivered', () => {
    const reasons = textsOf('src/protocol/outcome.ts', 'UnauthorizedReason');
    expect(reasons.length).toBeGreaterThan(0);
    expect(firstColumn('### Why a 401 was delivered').sort()).toEqual(reasons.sort());
  });

  it('says when every event happens', () => {
    const events = ['SessionEvent', 'RequestEvent'].flatMap((alias) => textsOf('src/events.ts', alias));
    expect(events.length).toBeGreaterThan(0);
    expect(firstColumn('## Events')).toEqual(events);
  });

  it('draws every error with its code', () => {
    const tree = sectionOf('## Errors');
    for (const code of textsOf('src/errors.ts', 'ErrorCode')) {
      const name = code.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
      expect(tree).toMatch(new RegExp(`${name}Error .*\\b${code} `));
    }
  });

  it('gives command lines that package.json knows', () => {
    expect(readme).toContain('\nnpm ci && npm run demo\n');
    expect(readme).toContain('\nnpm ci && npm test\n');
    const asked = [...readme.matchAll(/npm (?:run )?(test:\w+|test|demo|bench|check)\b/g)].map(
      ([, script]) => script,
    );
    expect(asked.filter((script) => !(script && script in manifest.scripts))).toEqual([]);
  });

  it('links only to what exists', () => {
    const anchors = [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    const links = [...prose.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) =>
      link.startsWith('#')
        ? !anchors.includes(link.slice(1))
        : !link.startsWith('https://') && !existsSync(root + link),
    );
    expect(links.length).toBeGreaterThan(0);
    expect(broken).toEqual([]);
  });
});
