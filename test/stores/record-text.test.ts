import { describe, expect, it } from 'vitest';
import { plainText } from '../../src/stores/record-text.js';
import { record } from './contract/tools.js';

describe('plainText', () => {
  it('reads the record that it wrote, beside its revision', () => {
    const text = plainText.write(record(3)) as string;
    expect(plainText.read({ revision: 3, text })).toEqual(record(3));
  });

  it.each([
    ['of another revision', 4, JSON.stringify({ v: 1, ...record(3) })],
    ['that is none', 3, 'garbage'],
    ['that is empty', 0, ''],
  ])('refuses a text %s', (_, revision, text) => {
    expect(() => plainText.read({ revision, text })).toThrow(
      expect.objectContaining({ name: 'UnreadableRecordError' }),
    );
  });
});
