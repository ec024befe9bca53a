// SvelteKit as far as this example uses it: installed apps have it from the package, and `./$types` from its generator.
declare module '@sveltejs/kit' {
  interface Cookies {
    get(name: string): string | undefined;
    set(name: string, value: string, options: object): void;
    delete(name: string, options: object): void;
    serialize(name: string, value: string, options: object): string;
  }
  export interface RequestEvent {
    readonly request: Request;
    readonly url: URL;
    readonly cookies: Cookies;
    readonly locals: App.Locals;
  }
  export type Handle = (input: {
    event: RequestEvent;
    resolve: (event: RequestEvent) => Promise<Response>;
  }) => Promise<Response>;
  /** Throws what SvelteKit catches. */
  export function redirect(status: number, path: string): never;
}
declare module '*/$types' {
  import type { RequestEvent } from '@sveltejs/kit';
  export type RequestHandler = (event: RequestEvent) => Promise<Response>;
  export type PageServerLoad = (event: RequestEvent) => Promise<Record<string, unknown>>;
}
