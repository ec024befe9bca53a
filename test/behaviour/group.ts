import type { Case } from './case.ts';

type Run = Case['run'];

/** The cases of a group, by their names. */
export const group = (
  name: string,
  of: Readonly<Record<string, Run | Omit<Case, 'name' | 'group'>>>,
): readonly Case[] =>
  Object.entries(of).map(([sentence, given]) => ({
    group: name,
    name: sentence,
    ...(typeof given === 'function' ? { run: given } : given),
  }));
