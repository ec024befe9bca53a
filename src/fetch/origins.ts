import { isConfidential } from '../protocol/protection-space.js';
import type { AuthFetchOptions } from './options.js';
import { readUrl } from './url.js';

/** Which origins may see credentials, and what relative inputs resolve against. */
export interface Space {
  readonly origins: readonly string[];
  readonly base: string | undefined;
}

/**
 * Reads the options `baseUrl`, `origins` and `allowInsecure`; TypeError where no origin is known or one may not be.
 * `named`: the option that the base comes from.
 */
export function readSpace(
  options: Pick<AuthFetchOptions, 'baseUrl' | 'origins' | 'allowInsecure'>,
  named = 'baseUrl',
): Space {
  const { baseUrl, allowInsecure = [] } = options;
  const page = pageOrigin();
  const base = baseUrl === undefined ? page : urlOf(baseUrl, named, page).href;
  const given = options.origins ?? base;
  const list = given === undefined ? [] : [given].flat();
  if (list.length === 0) {
    throw new TypeError('`origins` or an absolute `baseUrl` must say who may see credentials');
  }
  const option = options.origins === undefined ? named : 'origins';
  const insecure = allowInsecure.map((text) => urlOf(text, 'allowInsecure').origin);
  const origins = list.map((entry) => {
    const { origin } = urlOf(entry, option);
    if (isConfidential(origin) || insecure.includes(origin)) return origin;
    throw new TypeError(`\`${option}\`: ${origin} must be https, loopback, or in \`allowInsecure\``);
  });
  return { origins: [...new Set(origins)], base };
}

function urlOf(given: unknown, option: string, base?: string): { href: string; origin: string } {
  const url = readUrl(String(given), base);
  if (url === undefined) {
    throw new TypeError(`\`${option}\` must be an absolute http(s) URL without a user in it`);
  }
  return url;
}

function pageOrigin(): string | undefined {
  const origin = globalThis.location?.origin;
  return typeof origin === 'string' && /^https?:/.test(origin) ? origin : undefined;
}
