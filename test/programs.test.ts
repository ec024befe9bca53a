import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { diagnose } from './support/compile.js';
import { filesOf, importsOf, parse } from './support/source.js';

const programs = filesOf('test/programs', /\.tsx?$/);
const doors = Object.keys(manifest.exports).map((door) => door.replace(/^\./, 'latchkey'));

/** Why a program cannot compile yet, as TypeScript says it. */
function waitsFor(program: string): string | undefined {
  const asked = importsOf(parse(`test/programs/${program}`)).map(({ from }) => from);
  const missing = asked.find((from) => from.startsWith('latchkey') && !doors.includes(from));
  return missing && `Cannot find module '${missing}'`;
}

const found = diagnose(
  [
    ...programs.map((program) => `test/programs/${program}`),
    'test/support/native.d.ts',
    'test/support/react.d.ts',
  ],
  {
    jsx: ts.JsxEmit.ReactJSX,
    types: ['node'],
    skipLibCheck: true,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
  },
);
const said = (program: string) => found.get(`test/programs/${program}`) ?? [];

describe('test/programs', () => {
  it.each(programs.filter((program) => waitsFor(program) === undefined))('%s compiles', (program) => {
    expect(said(program)).toEqual([]);
  });
  it.each(programs.filter((program) => waitsFor(program) !== undefined))(
    '%s waits for its door',
    (program) => {
      expect(said(program).join('\n')).toContain(waitsFor(program));
    },
  );
  it('waits for no door that exists', () => {
    expect(programs.filter((program) => waitsFor(program) !== undefined)).toMatchInlineSnapshot(`
      [
        "16-test.ts",
      ]
    `);
  });
});
