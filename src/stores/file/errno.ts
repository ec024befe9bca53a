import { RefreshUnavailableError } from '../../errors.js';

/** The system's name of what went wrong, such as ENOENT. */
export function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code;
}

/** Says which error of the system it was, and nothing else of it. */
export async function telling<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (typeof code !== 'string' || !/^E[A-Z\d]+$/.test(code)) throw error;
    throw new RefreshUnavailableError(`The session's file cannot be ${what}: ${code}`);
  }
}

/** What was asked for; undefined: there is no such file. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
