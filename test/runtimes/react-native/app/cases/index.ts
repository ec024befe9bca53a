import type { NativeCase } from '../native.ts';
import { bodies } from './bodies.ts';
import { cookies } from './cookies.ts';
import { foreground } from './foreground.ts';
import { lost } from './lost.ts';
import { withoutDecoder } from './oauth.ts';
import { platform } from './platform.ts';
import { redirects } from './redirects.ts';
import { storage } from './storage.ts';
import { urls } from './urls.ts';

export { installed } from './oauth.ts';

/** What only React Native has, or has otherwise. */
export const cases: readonly NativeCase[] = [
  ...platform,
  ...storage,
  ...cookies,
  ...foreground,
  ...bodies,
  ...urls,
  ...redirects,
  ...lost,
  ...withoutDecoder,
];
