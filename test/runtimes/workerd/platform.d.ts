declare module 'cloudflare:workers' {
  /** The bindings of the worker: here texts, and the namespace of a key-value store. */
  export const env: Readonly<Record<string, string>> & {
    readonly KV?: { get(key: string): Promise<string | null>; put(key: string, text: string): Promise<void> };
  };
  export function waitUntil(work: Promise<unknown>): void;
}
