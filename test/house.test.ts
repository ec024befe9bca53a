import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { filesOf, importsOf, parse, root, walk } from './support/source.js';

const files = filesOf('src', /\.ts$/);
const sources = new Map(files.map((path) => [path, parse(`src/${path}`)]));

/** Doors re-export from everywhere; what has no layer may be imported by all. */
const doors = [
  'index.ts',
  'fetch.ts',
  'challenge.ts',
  'core.ts',
  'oauth/index.ts',
  'digest.ts',
  'schemes/dpop/index.ts',
  'stores/web/index.ts',
  'stores/async-storage/index.ts',
  'stores/file/index.ts',
  'stores/redis/index.ts',
  'stores/postgres/index.ts',
];
/** Where Node, Bun and Deno are assumed; tsconfig.json leaves it out, so that the rest does not know their types. */
const nodeOnly = /^stores\/file\//;
const shared = ['types.ts', 'is-a.ts', 'plain-fetch.ts', 'promise.ts', 'read-text.ts', 'shared-work.ts'];

interface Rule {
  /** Layers and files whose values may be imported. */
  readonly values: readonly string[];
  /** Layers and files whose types may be imported besides. */
  readonly types?: readonly string[];
  /** Packages, and the files that may name them. */
  readonly packages?: Readonly<Record<string, RegExp>>;
}

/** "Imports go down, data goes through." */
const rules: Readonly<Record<string, Rule>> = {
  protocol: { values: [], packages: { 'zod/mini': /^protocol\/(token-set|record|record-border)\.ts$/ } },
  errors: { values: [], types: ['protocol'] },
  events: { values: [], types: ['protocol', 'errors'] },
  schemes: {
    values: ['protocol', 'errors', 'events', 'indexed-db'],
    types: ['session'],
    packages: {
      dpop: /^schemes\/dpop\//,
      '@noble/hashes/legacy.js': /^schemes\/digest\/algorithm\.ts$/,
      '@noble/hashes/sha2.js': /^schemes\/digest\/algorithm\.ts$/,
    },
  },
  mutex: { values: [] },
  'indexed-db': { values: [] },
  'text-record': { values: ['protocol', 'mutex'] },
  session: {
    values: ['protocol', 'errors', 'events', 'mutex', 'text-record'],
    packages: { 'p-retry': /^session\/policy\.ts$/, 'is-network-error': /^session\/foreign-error\.ts$/ },
  },
  fetch: {
    values: [
      'protocol',
      'errors',
      'events',
      'schemes/scheme.ts',
      'schemes/auth.ts',
      'schemes/bearer.ts',
      'schemes/cookie.ts',
    ],
    packages: { 'is-network-error': /^fetch\/explain\// },
  },
  oauth: {
    values: ['protocol', 'errors', 'events'],
    types: ['session'],
    packages: { oauth4webapi: /^oauth\//, '@noble/hashes/sha2.js': /^oauth\/pkce\.ts$/ },
  },
  stores: {
    values: ['protocol', 'errors', 'events', 'mutex', 'text-record', 'indexed-db'],
    types: ['session/store.ts'],
    packages: {
      'node:crypto': nodeOnly,
      'node:fs': nodeOnly,
      'node:fs/promises': nodeOnly,
      'node:path': nodeOnly,
      '@noble/hashes/sha2.js': /^stores\/postgres\/channel\.ts$/,
    },
  },
  client: {
    values: ['protocol', 'errors', 'events', 'fetch', 'schemes/auth.ts'],
    types: ['schemes', 'session'],
    packages: { ky: /^client/ },
  },
};

const layerOf = (path: string) =>
  path.includes('/') ? path.slice(0, path.indexOf('/')) : path.replace(/\.ts$/, '');
const within = (path: string, places: readonly string[]) =>
  places.includes(path) || places.includes(layerOf(path));

function forbiddenImports(path: string, file: ts.SourceFile): string[] {
  const rule = rules[layerOf(path)];
  if (!rule) return [`${path}: belongs to no layer`];
  return importsOf(file).flatMap(({ from, typesOnly }) => {
    if (!from.startsWith('.')) return rule.packages?.[from]?.test(path) ? [] : [`${path}: ${from}`];
    const target = posix.join(posix.dirname(path), from).replace(/\.js$/, '.ts');
    const allowed =
      layerOf(target) === layerOf(path) ||
      within(target, rule.values) ||
      (typesOnly && within(target, rule.types ?? [])) ||
      shared.includes(target);
    return allowed && !doors.includes(target) ? [] : [`${path}: ${target}`];
  });
}

describe('the house', () => {
  it('imports downward only', () => {
    const inner = [...sources].filter(([path]) => !doors.includes(path) && !shared.includes(path));
    expect(inner.flatMap(([path, file]) => forbiddenImports(path, file))).toEqual([]);
    expect(shared.flatMap((path) => (sources.get(path) ? importsOf(parse(`src/${path}`)) : []))).toEqual([]);
  });

  it('names a built-in of Node only behind the doors that are for Node', () => {
    const named = [...sources].filter(([, file]) => importsOf(file).some(({ from }) => isBuiltin(from)));
    expect(named.length).toBeGreaterThan(0);
    expect(named.map(([path]) => path).filter((path) => !nodeOnly.test(path))).toEqual([]);
    const { include, exclude } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile).config;
    expect([include, exclude]).toEqual([['src'], ['src/stores/file']]);
  });

  it('has doors that only re-export', () => {
    for (const door of doors) {
      const statements = sources.get(door)?.statements ?? [];
      expect(statements.length, door).toBeGreaterThan(0);
      expect(statements.filter((statement) => !ts.isExportDeclaration(statement)).map(String), door).toEqual(
        [],
      );
    }
  });

  it('has a protocol/ that never waits and reads no clock, randomness or network', () => {
    const impure: string[] = [];
    const globals = /^(Promise|crypto|fetch|setTimeout|setInterval|queueMicrotask|performance|globalThis)$/;
    for (const [path, file] of sources) {
      if (layerOf(path) !== 'protocol') continue;
      walk(file, (node) => {
        const text = node.getText(file);
        if (
          node.kind === ts.SyntaxKind.AsyncKeyword ||
          ts.isAwaitExpression(node) ||
          (ts.isPropertyAccessExpression(node) &&
            /^(Date\.now|Math\.random)$|\.(then|finally)$/.test(text)) ||
          (ts.isNewExpression(node) && /^new Date(\(\))?$/.test(text)) ||
          (ts.isIdentifier(node) && globals.test(text) && !isName(node))
        ) {
          impure.push(`${path}: ${text}`);
        }
      });
    }
    expect(impure).toEqual([]);
  });

  it('has small files: none over 250 lines, the median under 80', () => {
    const lines = files.map((path) => ({
      path,
      lines: (sources.get(path)?.text.split('\n').length ?? 0) - 1,
    }));
    expect(lines.filter((file) => file.lines > 250)).toEqual([]);
    const sorted = lines.map((file) => file.lines).sort((a, b) => a - b);
    expect(sorted[sorted.length >> 1]).toBeLessThan(80);
  });

  it('names no global class while it is loaded', () => {
    const early: string[] = [];
    for (const [path, file] of sources) {
      atLoad(file, (node) => {
        if (
          ts.isIdentifier(node) &&
          /^(Request|Response|Headers|AbortController)$/.test(node.text) &&
          !isName(node)
        ) {
          early.push(`${path}: ${node.text}`);
        }
      });
    }
    expect(early).toEqual([]);
  });

  it('documents every public symbol', () => {
    const program = ts.createProgram({
      rootNames: doors.map((door) => `${root}src/${door}`),
      options: {
        target: ts.ScriptTarget.ES2022,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        strict: true,
      },
    });
    const checker = program.getTypeChecker();
    const silent = new Set<string>();
    for (const door of doors) {
      const file = program.getSourceFile(`${root}src/${door}`);
      const module = file && checker.getSymbolAtLocation(file);
      for (const symbol of module ? checker.getExportsOfModule(module) : []) {
        const origin = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
        if (origin.getDocumentationComment(checker).length === 0) silent.add(symbol.name);
      }
    }
    expect([...silent]).toEqual([]);
  });
});

/** Whether an identifier only names a member or a binding. */
function isName(node: ts.Identifier): boolean {
  const parent = node.parent;
  return (
    (ts.isPropertyAccessExpression(parent) &&
      parent.name === node &&
      parent.expression.getText() !== 'globalThis') ||
    ((ts.isPropertyAssignment(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isBindingElement(parent)) &&
      parent.name === node)
  );
}

/** Every node that runs when the module is loaded: bodies of functions are skipped. */
function atLoad(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => {
    const later =
      ts.isFunctionLike(child) ||
      ts.isTypeNode(child) ||
      ts.isInterfaceDeclaration(child) ||
      ts.isTypeAliasDeclaration(child);
    if (!later) atLoad(child, visit);
  });
}
