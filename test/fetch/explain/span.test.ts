import { describe, expect, it } from 'vitest';
import { span } from '../../../src/fetch/explain/span.js';

describe('span', () => {
  it.each([
    [0, 'less than a second'],
    [499, 'less than a second'],
    [1_000, '1 second'],
    [-1_400, '1 second'],
    [12_000, '12 seconds'],
    [119_000, '119 seconds'],
    [120_000, '2 minutes'],
    [-179_999, '3 minutes'],
    [7_140_000, '119 minutes'],
    [7_200_000, '2 hours'],
    [169_200_000, '47 hours'],
    [172_800_000, '2 days'],
    [31_536_000_000, '365 days'],
  ])('%d ms: %s', (ms, text) => {
    expect(span(ms)).toBe(text);
  });
});
