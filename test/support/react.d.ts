// What the programs use of packages for React apps, as their types say it.
declare module 'react' {
  export function useSyncExternalStore<Snapshot>(
    subscribe: (onStoreChange: () => void) => () => void,
    getSnapshot: () => Snapshot,
    getServerSnapshot?: () => Snapshot,
  ): Snapshot;
}

declare module 'react/jsx-runtime' {
  export namespace JSX {
    type Child = string | number | boolean | null | undefined;
    interface Element {
      readonly type: string;
    }
    interface IntrinsicElements {
      p: { readonly title?: string; readonly children?: Child | readonly Child[] };
      button: { readonly onClick?: () => void; readonly children?: Child | readonly Child[] };
    }
    interface ElementChildrenAttribute {
      children: unknown;
    }
  }
  export function jsx(type: string, props: unknown): JSX.Element;
  export const jsxs: typeof jsx;
}

declare module '@tanstack/react-query' {
  export class QueryClient {
    constructor(config?: {
      defaultOptions?: {
        queries?: { retry?: boolean | number | ((failureCount: number, error: Error) => boolean) };
      };
    });
  }
}
