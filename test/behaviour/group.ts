import type { Case } from './case.ts';
import type { Feature } from './features.ts';

type Run = Case['run'];

/** The cases of a group, by their names; `needs` is what all of them need. */
export const group = (
  name: string,
  of: Readonly<Record<string, Run | Omit<Case, 'name' | 'group'>>>,
  needs: readonly Feature[] = [],
): readonly Case[] =>
  Object.entries(of).map(([sentence, given]) => ({
    group: name,
    name: sentence,
    ...(typeof given === 'function' ? { run: given } : given),
    ...(needs.length > 0 && {
      needs: [...needs, ...(typeof given === 'function' ? [] : (given.needs ?? []))],
    }),
  }));
