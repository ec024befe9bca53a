import ts from 'typescript';
import { describe, expect, it, vi } from 'vitest';
import { diagnose } from './support/compile.js';

const dom = ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'];
const none = ['lib.es2023.d.ts'];
// a compiler on a busy machine
vi.setConfig({ testTimeout: 120_000 });
const nativeTypes = 'test/types/react-native.d.ts';

/** Our declarations are always looked at, what other packages declare never: `skipLibCheck` would hide both. */
function complaints(files: readonly string[], options: ts.CompilerOptions): Record<string, string[]> {
  const found = diagnose(files, { skipLibCheck: false, ...options }, /^dist\//);
  return Object.fromEntries([...found].filter(([, texts]) => texts.length > 0));
}

describe('the types', () => {
  it.each<[string, ts.CompilerOptions, string[]]>([
    ['the DOM', { lib: dom }, []],
    ['Node', { lib: none, types: ['node'] }, []],
    ['Bun', { lib: none, types: ['bun-types'] }, []],
    ['Cloudflare Workers', { lib: none, types: ['@cloudflare/workers-types'] }, []],
    ['React Native', { lib: none }, [nativeTypes]],
  ])('check where only the types of %s are at hand', (_name, options, besides) => {
    expect(complaints(['test/types/consumer.ts', ...besides], options)).toEqual({});
  });

  it.each([
    ['node16', ts.ModuleKind.Node16],
    ['node18', ts.ModuleKind.Node18],
    ['node20', ts.ModuleKind.Node20],
    ['nodenext', ts.ModuleKind.NodeNext],
  ] as const)('check in CommonJS with module %s, although ky is ESM only', (_name, module) => {
    const options = { lib: none, types: ['node'], module };
    expect(complaints(['test/types/consumer.cts'], options)).toEqual({});
  });

  it('promise what test/types/surface.ts says', () => {
    expect(complaints(['test/types/surface.ts'], { lib: dom })).toEqual({});
  });
});
