import type { Case } from '../case.ts';
import { bodies } from './bodies.ts';
import { late401 } from './late-401.ts';
import { singleFlight } from './single-flight.ts';

/** The whole suite, in the order in which it runs. */
export const cases: readonly Case[] = [...singleFlight, ...late401, ...bodies];
