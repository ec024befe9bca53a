import type { KyInstance, Options } from 'ky';
import type { AuthOptions } from '../fetch/options.js';
import { assertOptions } from '../protocol/objects.js';
import type { ClientOptions } from './options.js';

/** What the corridor is told: inherited by clients that extend this one. */
export type AuthPart = AuthOptions;

const ownNames: readonly (keyof AuthPart)[] = [
  'auth',
  'origins',
  'allowInsecure',
  'isUnauthorized',
  'maxReplayBytes',
  'onOneShot',
  'observe',
];

/** The options of the corridor, as far as they say something, and ky's. */
export function split(options: ClientOptions): [Partial<AuthPart>, Options] {
  assertOptions('createAuthClient', options);
  const own: Record<string, unknown> = {};
  const rest: Record<string, unknown> = { ...options };
  for (const name of ownNames) {
    if (rest[name] !== undefined) own[name] = rest[name];
    delete rest[name];
  }
  return [own, rest];
}

/** What an instance was told, merged as ky merges. */
export function optionsOf(instance: KyInstance): Options {
  let told: Options = {};
  instance.extend((options) => {
    told = options;
    return {};
  });
  return told;
}

/** What relative URLs resolve against, where it is absolute; a prefix stands for a folder. */
export function baseOf({ baseUrl, prefix }: Options): string | undefined {
  for (const base of [baseUrl, prefix && String(prefix).replace(/\/*$/, '/')]) {
    if (base && /^https?:\/\//i.test(String(base))) return String(base);
  }
  return undefined;
}
