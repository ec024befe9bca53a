import { vi } from 'vitest';

/** What runs before a function of node:fs/promises does, for files that `vi.mock` it with {@link hooked}. */
export const before: Partial<
  Record<'unlink' | 'rename' | 'utimes' | 'open', (path: string, to?: string) => Promise<unknown> | undefined>
> = {};

export async function hooked(): Promise<object> {
  const real =
    await vi.importActual<Record<string, (...given: unknown[]) => Promise<unknown>>>('node:fs/promises');
  const wrapped = Object.fromEntries(
    (['unlink', 'rename', 'utimes', 'open'] as const).map((name) => [
      name,
      async (...given: unknown[]) => {
        await before[name]?.(String(given[0]), String(given[1]));
        return real[name]?.(...given);
      },
    ]),
  );
  return { ...real, ...wrapped };
}
