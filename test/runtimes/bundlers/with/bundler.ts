/** One program to be bundled. */
export interface Job {
  /** The folder that latchkey is installed in. */
  readonly folder: string;
  /** The program, in that folder. */
  readonly entry: string;
  /** A folder of its own for what comes out. */
  readonly into: string;
  readonly platform: 'browser' | 'node';
}

export interface Bundled {
  /** The text of the one file, minified: a script for browsers and apps, a module for Node. */
  readonly code: string;
  /** Whatever the bundler had to say. */
  readonly warnings: readonly string[];
}

/** How one bundler is told to bundle, with no more configuration than a new app has. */
export type Bundler = (job: Job) => Promise<Bundled>;
