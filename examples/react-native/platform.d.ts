// What this example uses of an Expo app's packages: in an app their own types take this file's place.
declare module 'expo-secure-store' {
  export function getItemAsync(key: string): Promise<string | null>;
  export function setItemAsync(key: string, value: string): Promise<void>;
  export function deleteItemAsync(key: string): Promise<void>;
}

declare module 'react-native' {
  import type { Element } from 'react/jsx-runtime';
  export const AppState: {
    addEventListener(type: 'change', listener: (state: string) => void): { remove(): void };
  };
  export function View(props: { children: unknown }): Element;
  export function Text(props: { children: string }): Element;
  export function Button(props: { title: string; onPress: () => unknown }): Element;
  export function TextInput(props: {
    placeholder: string;
    value: string;
    onChangeText: (text: string) => void;
    secureTextEntry?: boolean;
  }): Element;
}

declare module 'react' {
  export function useState<T>(initial: T): [T, (next: T) => void];
  export function useEffect(effect: () => void, dependencies: readonly unknown[]): void;
  export function useSyncExternalStore<T>(
    subscribe: (listener: () => void) => () => void,
    snapshot: () => T,
  ): T;
}

declare module 'react/jsx-runtime' {
  export interface Element {
    readonly type: unknown;
  }
  export namespace JSX {
    type Element = import('react/jsx-runtime').Element;
    interface ElementChildrenAttribute {
      children: unknown;
    }
  }
  export function jsx(type: unknown, props: unknown): Element;
  export function jsxs(type: unknown, props: unknown): Element;
}
