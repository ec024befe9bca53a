import { inspect } from 'node:util';

/** In every secret of these tests, so that one look finds it; lower case too, as challenges fold it. */
const MARK = /s3cr3t/i;

export const secretTokens = (n = 1) => ({
  access_token: `s3cr3t-at-${n}`,
  refresh_token: `s3cr3t-rt-${n}`,
  id_token: `s3cr3t-id-${n}`,
  extra: 's3cr3t-extra',
});

/** Everything that a log, an error tracker or JSON could make of a value. */
export function shown(value: unknown): string {
  const texts = [inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true })];
  texts.push(inspect(value), String(JSON.stringify(value)));
  for (let error = value; error instanceof Error; error = error.cause) {
    texts.push(String(error), String(error.stack), JSON.stringify(Object.getOwnPropertyDescriptors(error)));
  }
  return texts.join('\n');
}

/** The lines that hold a secret; none is what is wanted. */
export function leaks(...values: unknown[]): string[] {
  return values.flatMap((value) => shown(value).split('\n')).filter((line) => MARK.test(line));
}

/** An error as clients make them: the request, its headers and body hang on it. */
export class LoudError extends Error {
  readonly config = { headers: { authorization: 'Bearer s3cr3t-at-1' }, data: 'refresh_token=s3cr3t-rt-1' };
  readonly command = { name: 'SET', args: ['session', '{"refreshToken":"s3cr3t-rt-1"}'] };

  constructor() {
    super('refused: refresh_token=s3cr3t-rt-1');
    this.name = 'RequestError';
    this.cause = { token: 's3cr3t-rt-1' };
  }
}
