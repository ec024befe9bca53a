import { isConfidential } from '../protocol/protection-space.js';
import type { AuthFetchOptions } from './options.js';
import { isAbsolute, readUrl, resolve } from './url.js';

/** Which origins may see credentials, and what relative inputs resolve against. */
export interface Space {
  readonly origins: readonly string[];
  readonly base: string | undefined;
}

/** Reads the options `baseUrl`, `origins` and `allowInsecure`; TypeError where no origin is known or one may not be. */
export function readSpace(options: Pick<AuthFetchOptions, 'baseUrl' | 'origins' | 'allowInsecure'>): Space {
  const page = pageOrigin();
  const base =
    options.baseUrl === undefined ? page && `${page}/` : absoluteBase(String(options.baseUrl), page);
  const given = options.origins ?? base;
  if (given === undefined) {
    throw new TypeError('`origins` or an absolute `baseUrl` must say which origins may see credentials');
  }
  const named = options.origins === undefined ? 'baseUrl' : 'origins';
  const list = typeof given === 'string' || !Array.isArray(given) ? [given] : given;
  if (list.length === 0) throw new TypeError('`origins` must name at least one origin');
  const insecure = (options.allowInsecure ?? []).map((text) => originOf(text, 'allowInsecure'));
  const origins: string[] = [];
  for (const entry of list as readonly (string | URL)[]) {
    const origin = originOf(String(entry), named);
    if (!isConfidential(origin) && !insecure.includes(origin)) {
      throw new TypeError(
        `\`${named}\`: ${origin} is neither https nor loopback; \`allowInsecure\` can allow it`,
      );
    }
    if (!origins.includes(origin)) origins.push(origin);
  }
  return { origins, base };
}

function originOf(text: string, option: string): string {
  const url = readUrl(text);
  if (url === undefined) {
    throw new TypeError(`\`${option}\` must hold absolute http(s) URLs without a user in them`);
  }
  return url.origin;
}

function absoluteBase(text: string, page: string | undefined): string {
  const url = isAbsolute(text) ? text : page && resolve(text, `${page}/`);
  if (url === undefined || readUrl(url) === undefined) {
    throw new TypeError('`baseUrl` must be an absolute http(s) URL without a user in it');
  }
  return url;
}

function pageOrigin(): string | undefined {
  const origin = globalThis.location?.origin;
  return typeof origin === 'string' && /^https?:\/\//.test(origin) ? origin : undefined;
}
