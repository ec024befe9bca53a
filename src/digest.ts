export type { DigestAlgorithm } from './schemes/digest/algorithm.js';
export { digest } from './schemes/digest/digest.js';
export type { DigestOptions } from './schemes/digest/options.js';
