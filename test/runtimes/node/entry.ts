import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileStore } from 'latchkey/stores/file';
import { type RuntimeName, runCases, toolsFor } from '../../behaviour/index.ts';

// What Node, Bun and Deno run: the store of these platforms is a file.
const { RUNTIME = '', CONTROL = '', ONLY = '', VERSION = '' } = process.env;
const folder = mkdtempSync(join(tmpdir(), 'latchkey-'));

toolsFor({
  runtime: RUNTIME as RuntimeName,
  control: CONTROL,
  store: (place) => fileStore(join(folder, `${place}.json`)),
})
  .then((tools) => runCases(tools, { only: ONLY, version: VERSION }))
  .then((report) => {
    console.log(JSON.stringify(report));
  });
