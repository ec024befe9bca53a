import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };

const fresh = inject('fresh');
const child = promisify(execFile);
const require = createRequire(import.meta.url);
const consumers = fileURLToPath(new URL('../../types', import.meta.url));

/** How modules are found, and the `module` that goes with it. */
const resolutions = [
  ['bundler', 'preserve'],
  ['node16', 'node16'],
  ['nodenext', 'nodenext'],
] as const;
const compilers = [
  ['TypeScript 5', 'typescript-5'],
  ['TypeScript 6', 'typescript'],
  ['TypeScript 7', 'typescript-7'],
] as const;
const cases = compilers.flatMap(([name, of]) =>
  resolutions.map(([resolution, module]) => [name, resolution, of, module] as const),
);

/** What the compiler says, of our declarations and of those that they need: nothing is skipped, nothing else is installed. */
async function check(compiler: string, options: object, files: readonly string[]): Promise<string> {
  const config = `tsconfig.${compiler}.json`;
  const compilerOptions = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    target: 'es2022',
    lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable'],
    types: [],
    ...options,
  };
  writeFileSync(join(fresh, 'types', config), JSON.stringify({ compilerOptions, files }));
  const tsc = join(dirname(require.resolve(`${compiler}/package.json`)), 'bin/tsc');
  return child(process.execPath, [tsc, '-p', config], { cwd: join(fresh, 'types') }).then(
    ({ stdout }) => stdout,
    (failed: { stdout: string }) => failed.stdout,
  );
}

describe('the declarations, installed', () => {
  beforeAll(() => {
    mkdirSync(join(fresh, 'types'));
    for (const file of ['consumer.ts', 'consumer.cts'])
      cpSync(join(consumers, file), join(fresh, 'types', file));
    const doors = Object.keys(manifest.exports).filter((door) => door !== './package.json');
    const all = doors.map((door, i) => `import * as door${i} from '${door.replace('.', 'latchkey')}';`);
    const text = [...all, `export const doors = [${doors.map((_, i) => `door${i}`).join(', ')}];\n`].join(
      '\n',
    );
    writeFileSync(join(fresh, 'types/doors.ts'), text);
    writeFileSync(join(fresh, 'types/doors.cts'), text);
    writeFileSync(
      join(fresh, 'types/wrong.ts'),
      "import { nothing } from 'latchkey/fetch';\nexport { nothing };\n",
    );
  });

  it.each(cases)('check in ESM and CommonJS: %s, %s', async (_name, moduleResolution, compiler, module) => {
    const files = ['consumer.ts', 'consumer.cts', 'doors.ts', 'doors.cts'];
    expect(await check(compiler, { module, moduleResolution }, files)).toBe('');
  });
  it.each(compilers)('are looked at: %s finds what is wrong', async (_name, compiler) => {
    const said = await check(compiler, { module: 'nodenext', moduleResolution: 'nodenext' }, ['wrong.ts']);
    expect(said).toContain("no exported member 'nothing'");
  });
});
