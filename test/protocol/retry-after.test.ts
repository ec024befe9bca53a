import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../src/protocol/retry-after.js';

const NOW = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');

describe('retryAfterMs', () => {
  it.each([
    [null],
    [undefined],
    [''],
    ['soon'],
    ['-5'],
    ['1.5'],
    ['2026-10-21'],
    ['Wed, nonsense'],
    ['5, 6'],
  ])('ignores %j', (field) => expect(retryAfterMs(field, NOW)).toBeUndefined());

  it.each([
    ['0', 0],
    [' 120 ', 120_000],
    ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
  ])('reads %s seconds', (field, ms) => expect(retryAfterMs(field, NOW)).toBe(ms));

  it.each([
    ['Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
    ['Wednesday, 21-Oct-26 07:28:30 GMT', 30_000],
    ['Wed, 21 Oct 2026 07:00:00 GMT', 0],
  ])('reads the HTTP-date %s', (field, ms) => expect(retryAfterMs(field, NOW)).toBe(ms));
});
