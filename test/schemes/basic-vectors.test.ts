import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { basic } from '../../src/schemes/basic.js';

const vectors: { id: string; username: string; password: string; authorization: string }[] = JSON.parse(
  readFileSync(new URL('../vectors/basic.json', import.meta.url), 'utf8'),
);

describe('basic: public vectors', () => {
  it('are all there', () => {
    expect(vectors).toHaveLength(12);
  });

  it.each(vectors)('writes what was published: $id', async ({ username, password, authorization }) => {
    const target = {
      url: 'https://h.example/',
      method: 'GET',
      headers: new Headers(),
      body: 'none' as const,
    };
    const written = await basic({ username, password }).credentials(target, undefined);
    expect(written?.headers).toEqual({ Authorization: authorization });
  });
});
