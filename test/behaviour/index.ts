export { before } from './before.ts';
export type { Case, Report, Tools } from './case.ts';
export { cases } from './cases/index.ts';
export { type Exception, exceptionFor, exceptions } from './exceptions.ts';
export { type Feature, features } from './features.ts';
export { type RunOptions, runCases } from './run-cases.ts';
export { type RuntimeName, runtimeNames } from './runtimes.ts';
export { type Setup, toolsFor } from './tools.ts';
