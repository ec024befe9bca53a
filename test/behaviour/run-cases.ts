import type { Case, Report, Tools } from './case.ts';
import { cases as all } from './cases/index.ts';
import { type Exception, exceptionFor, exceptions } from './exceptions.ts';
import { type Feature, features } from './features.ts';
import type { RuntimeName } from './runtimes.ts';

/** Longer than any case takes on a busy machine. */
const LIMIT_MS = 30_000;
/** How long a case is tried that is said to fail: some of them hang. */
const TRIAL_MS = 8_000;

export interface RunOptions {
  readonly version?: string;
  /** Why a case is not to run. @default what exceptions.ts says of this runtime, and that is put to the test */
  readonly skip?: (of: Case) => string | undefined;
  /** Only the cases whose group or name contains this. */
  readonly only?: string;
  /** @default those of every runtime */
  readonly cases?: readonly Case[];
}

/** Runs every case in turn; a case that fails does not stop the others. */
export async function runCases(tools: Tools, options: RunOptions = {}): Promise<Report> {
  const { skip, only = '', cases = all } = options;
  const failed: { name: string; error: string }[] = skip ? [] : wrongExceptions(tools.runtime);
  const skipped: { name: string; reason: string }[] = [];
  const chosen = cases.map((one) => ({ one, name: `${one.group}: ${one.name}` }));
  let passed = 0;
  for (const { one, name } of chosen) {
    if (!name.includes(only)) continue;
    const exception = skip ? undefined : exceptionFor(tools.runtime, one);
    const reason = skip ? skip(one) : exception?.reason;
    if (reason === undefined) {
      const error = await failureOf(one.run(tools), LIMIT_MS);
      if (error === undefined) passed++;
      else failed.push({ name, error });
      continue;
    }
    skipped.push({ name, reason });
    // what a probe has not shown is shown by the case itself
    if (exception === undefined || isProbed(exception)) continue;
    if ((await failureOf(one.run(tools), TRIAL_MS)) === undefined)
      failed.push({ name, error: `it holds here: take it out of exceptions.ts (“${reason}”)` });
  }
  return { runtime: tools.runtime, version: options.version ?? '', passed, failed, skipped };
}

/** Features that exceptions.ts says are missing and are there, or are missing and it does not say so. */
function wrongExceptions(runtime: RuntimeName): { name: string; error: string }[] {
  return Object.entries(features).flatMap(([name, has]) => {
    if (has === undefined) return [];
    const isSaid = exceptions.some(({ in: places, lacks }) => lacks === name && places.includes(runtime));
    if (has() !== isSaid) return [];
    return [
      {
        name: `exceptions: ${name}`,
        error: isSaid ? 'said to be missing, and there' : 'missing, and nobody says so',
      },
    ];
  });
}

const isProbed = ({ lacks }: Exception) => lacks !== undefined && features[lacks as Feature] !== undefined;

/** What went wrong with it, in words; undefined: nothing. */
async function failureOf(work: Promise<void>, limitMs: number): Promise<string | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([work, late]);
    return undefined;
  } catch (error) {
    return told(error);
  } finally {
    clearTimeout(timer);
  }
}

function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `; cause: ${String(error.cause)}`;
  return `${error.name}: ${error.message}${cause}\n${error.stack ?? ''}`.slice(0, 2_000);
}
