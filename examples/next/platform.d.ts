// Next.js and React as far as this example uses them: installed apps have them from the packages.
declare module 'next/headers' {
  export function cookies(): Promise<{
    get(name: string): { name: string; value: string } | undefined;
    set(name: string, value: string, options?: object): void;
    delete(name: string): void;
  }>;
}

declare module 'next/navigation' {
  /** Throws what Next.js catches. */
  export function redirect(path: string): never;
}

declare module 'react/jsx-runtime' {
  export namespace JSX {
    interface IntrinsicElements {
      ul: { children: unknown };
      li: { key: string; children: unknown };
    }
  }
}
