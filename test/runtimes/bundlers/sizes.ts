import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

type Rows = Record<string, Record<string, number>>;

const fileIn = (folder: string) => join(folder, 'sizes.json');
const read = (folder: string): Rows =>
  existsSync(fileIn(folder)) ? (JSON.parse(readFileSync(fileIn(folder), 'utf8')) as Rows) : {};

/** Minified and gzipped bytes by program and bundler, kept in the folder of the run. */
export const sizes = {
  note(folder: string, program: string, bundler: string, code: string): void {
    const rows = read(folder);
    rows[program] = { ...rows[program], [bundler]: gzipSync(code, { level: 9 }).byteLength };
    writeFileSync(fileIn(folder), JSON.stringify(rows));
  },
  /** In Markdown. */
  table(folder: string): string {
    const rows = Object.entries(read(folder));
    const bundlers = [...new Set(rows.flatMap(([, row]) => Object.keys(row)))];
    const cells = [
      ['', ...bundlers],
      bundlers.concat('').map(() => '---'),
      ...rows.map(([program, row]) => [program, ...bundlers.map((name) => kB(row[name]))]),
    ];
    return cells.map((line) => `| ${line.join(' | ')} |`).join('\n');
  },
};

const kB = (bytes: number | undefined) => (bytes === undefined ? '' : `${(bytes / 1000).toFixed(2)} kB`);
