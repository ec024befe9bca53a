import { createContext, runInContext } from 'node:vm';
import type { Network } from './network.ts';

/** What every platform with `fetch` has; nothing of Node. */
const WEB = [
  // of one realm with Web Crypto
  'ArrayBuffer',
  'Uint8Array',
  'AbortController',
  'AbortSignal',
  'Blob',
  'CryptoKey',
  'DOMException',
  'FormData',
  'Headers',
  'ReadableStream',
  'Request',
  'Response',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
  'atob',
  'btoa',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'performance',
  'queueMicrotask',
  'setInterval',
  'setTimeout',
] as const;

/** Runs a bundle of app/main.js as a page would, and returns what `use` returned. */
export async function run(code: string, network: Network): Promise<unknown> {
  const global: Record<string, unknown> = { __network: network };
  for (const name of WEB) global[name] = globalThis[name];
  runInContext(code, createContext(global));
  return structuredClone(await global['__used']);
}
