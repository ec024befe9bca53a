// The part of React Native's global types that a fetch client meets, reduced: no URL input, no streams, no DOM.
declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
declare class FormData {
  append(name: string, value: unknown): void;
  getParts(): unknown[];
}
interface Blob {
  readonly size: number;
  readonly type: string;
}
declare class URL {
  constructor(url: string, base?: string);
  readonly href: string;
}
declare class Headers {
  constructor(init?: [string, string][] | Record<string, string> | Headers);
  get(name: string): string | null;
  has(name: string): boolean;
  set(name: string, value: string): void;
}
interface Body {
  readonly bodyUsed: boolean;
  arrayBuffer(): Promise<ArrayBuffer>;
  blob(): Promise<Blob>;
  // biome-ignore lint/suspicious/noExplicitAny: as it is declared there
  json(): Promise<any>;
  text(): Promise<string>;
}
interface RequestInit {
  body?: string | Blob | FormData | ArrayBuffer | Uint8Array | { uri: string } | null | undefined;
  credentials?: 'omit' | 'same-origin' | 'include' | undefined;
  headers?: [string, string][] | Record<string, string> | Headers | undefined;
  method?: string | undefined;
  signal?: AbortSignal | undefined;
}
interface Request extends Body {
  readonly headers: Headers;
  readonly method: string;
  readonly url: string;
  readonly signal: AbortSignal;
  clone(): Request;
}
declare const Request: { new (input: Request | string, init?: RequestInit): Request };
interface Response extends Body {
  readonly headers: Headers;
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly url: string;
  readonly redirected: boolean;
  clone(): Response;
}
declare const Response: {
  new (body?: string | Blob | null, init?: { status?: number; headers?: Record<string, string> }): Response;
};
declare function fetch(input: Request | string, init?: RequestInit): Promise<Response>;
declare function setTimeout(handler: () => void, timeout: number): number;
