import type { Tools } from '../../../behaviour/index.ts';

/** What the phone is told beside React Native's own native modules. */
export interface Native {
  /** The app goes to the foreground, or away from it. */
  move(state: 'active' | 'background'): void;
  /** Puts a file where `{ uri }` finds it. */
  write(uri: string, text: string): void;
}

/** What a case of React Native is given. */
export interface NativeTools extends Tools {
  readonly native: Native;
  /** What else was taken away: names, and members of some. */
  readonly without: readonly string[];
}

export interface NativeCase {
  readonly group: string;
  readonly name: string;
  run(t: NativeTools): Promise<void>;
}
