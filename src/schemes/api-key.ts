import type { Challenge } from '../protocol/challenge.js';
import type { Credentials } from '../protocol/credentials.js';
import { isFieldText, isToken } from '../protocol/syntax.js';
import type { MaybePromise } from '../types.js';
import type { Remedy, Scheme } from './scheme.js';

/** Where an API key is written, and the key or what reads it. */
export type ApiKey =
  | { readonly header: string; readonly value: string | (() => MaybePromise<string>) }
  | { readonly query: string; readonly value: string | (() => MaybePromise<string>) };

/**
 * An API key in a header field or a query parameter of your choice; no RFC names it, so no challenge is addressed to it.
 *
 * A function is read for every sending, and once more after a refusal: another key is sent, the same is not sent again.
 * Redirects are followed by hand, because fetch would hand the key to another origin; React Native does.
 *
 * @throws TypeError where `header`, `query` or `value` cannot be written; without the key.
 * @example
 * ```ts
 * apiKey({ header: 'X-API-Key', value: process.env.API_KEY ?? '' })
 * apiKey({ query: 'key', value: () => vault.read('maps-key') })
 * ```
 */
export function apiKey(key: ApiKey): Scheme {
  const write = writer(key);
  const { value } = key;
  if (typeof value !== 'function') {
    const credentials = write(value);
    return { name: 'api-key', redirects: 'by-hand', credentials: () => credentials, remedy: answerOnly };
  }
  const read = (): MaybePromise<Credentials> => {
    const current = value();
    return typeof current === 'string' ? write(current) : Promise.resolve(current).then(write);
  };
  return {
    name: 'api-key',
    redirects: 'by-hand',
    credentials: read,
    remedy: (challenge, refused) => (refused === undefined ? answerOnly(challenge, refused) : 'replace'),
    async replace(refused) {
      const credentials = await read();
      return credentials.version === refused.version
        ? { undelivered: 'refused-again' }
        : { credentials, minted: true };
    },
  };
}

/** Behind other schemes of a list the key was not sent yet. */
function answerOnly(challenge: Challenge | undefined, refused: Credentials | undefined): Remedy {
  if (refused !== undefined) return undefined;
  return challenge === undefined || /^(?:x-)?api-?key$/.test(challenge.scheme) ? 'answer' : undefined;
}

function writer(key: ApiKey): (value: string) => Credentials {
  const { header, query } = (key ?? {}) as { header?: unknown; query?: unknown };
  if ((header === undefined) === (query === undefined)) {
    throw new TypeError('apiKey: either `header` or `query` must be given');
  }
  const name = header ?? query;
  const option = header === undefined ? 'query' : 'header';
  if (
    typeof name !== 'string' ||
    (option === 'header' ? !isToken(name) : name === '' || !isWellFormed(name))
  ) {
    throw new TypeError(
      `apiKey: \`${option}\` must be the name of a ${option === 'header' ? 'header field' : 'query parameter'}`,
    );
  }
  let last: Credentials | undefined;
  return (value) => {
    if (last !== undefined && last.version === value) return last;
    check(value, option);
    const members = Object.freeze(Object.defineProperty({}, name, { value, enumerable: true }));
    last = Object.freeze({ [option === 'header' ? 'headers' : 'query']: members, version: value });
    return last;
  };
}

function check(value: unknown, option: string): void {
  const fits =
    typeof value === 'string' &&
    value !== '' &&
    (option === 'query' ? isWellFormed(value) : isFieldText(value) && value.trim() === value);
  if (!fits) {
    throw new TypeError(
      option === 'query'
        ? 'apiKey: `value` must be text that is not empty'
        : 'apiKey: `value` must be text that a header field can hold: not empty, no blank or line end around it',
    );
  }
}

function isWellFormed(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text);
}
