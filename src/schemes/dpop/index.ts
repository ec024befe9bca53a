export type { DpopKey } from '../../protocol/dpop-key.js';
export { dpop } from './dpop.js';
export { type DpopKeySource, dpopKey } from './dpop-key.js';
