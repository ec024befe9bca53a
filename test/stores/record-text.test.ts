import { describe, expect, it } from 'vitest';
import { recordTextOf } from '../../src/stores/record-text.js';
import { record } from './contract/tools.js';

const plainText = recordTextOf(undefined, 'anywhere');

describe('recordTextOf', () => {
  it('reads the record that it wrote, beside its revision', async () => {
    const text = plainText.write(record(3)) as string;
    expect(await plainText.read({ revision: 3, text })).toEqual(record(3));
  });

  it.each([
    ['of another revision', 4, JSON.stringify({ v: 1, ...record(3) })],
    ['that is none', 3, 'garbage'],
    ['that is empty', 0, ''],
  ])('refuses a text %s', async (_, revision, text) => {
    await expect(plainText.read({ revision, text })).rejects.toMatchObject({ name: 'UnreadableRecordError' });
  });
});
