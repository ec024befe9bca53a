import type { Case, Report, Tools } from './case.ts';
import { cases as all } from './cases/index.ts';
import { exceptionFor } from './exceptions.ts';

/** Longer than any case may take on a busy machine, and shorter than a patience. */
const LIMIT_MS = 30_000;

export interface RunOptions {
  readonly version?: string;
  /** Why a case is not to run. @default what exceptions.ts says of this runtime */
  readonly skip?: (of: Case) => string | undefined;
  /** Only the cases whose name or group contains this. */
  readonly only?: string;
  /** @default those of every runtime */
  readonly cases?: readonly Case[];
}

/** Runs every case in turn; a case that fails does not stop the others. */
export async function runCases(tools: Tools, options: RunOptions = {}): Promise<Report> {
  const { skip = (of) => exceptionFor(tools.runtime, of)?.reason, only = '', cases = all } = options;
  const failed: { name: string; error: string }[] = [];
  const skipped: { name: string; reason: string }[] = [];
  let passed = 0;
  for (const one of cases) {
    const name = `${one.group}: ${one.name}`;
    if (!name.includes(only)) continue;
    const reason = skip(one);
    if (reason !== undefined) {
      skipped.push({ name, reason });
      continue;
    }
    try {
      await inTime(one.run(tools));
      passed++;
    } catch (error) {
      failed.push({ name, error: told(error) });
    }
  }
  return { runtime: tools.runtime, version: options.version ?? '', passed, failed, skipped };
}

async function inTime(work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `; cause: ${String(error.cause)}`;
  return `${error.name}: ${error.message}${cause}\n${error.stack ?? ''}`.slice(0, 2_000);
}
