import { afterEach, describe, expect, it, vi } from 'vitest';
import { spend, type Transaction } from '../../src/oauth/transaction.js';

afterEach(() => {
  vi.useRealTimers();
});

const made = (n: number, at = Date.now()): Transaction => ({
  boundTo: 'b',
  issuer: 'i',
  redirectUri: 'https://app.test/',
  state: `state-${n}`.padEnd(43, 'x'),
  codeVerifier: 'v'.repeat(43),
  at,
});

describe('spend', () => {
  it('forgets what is too old to be read', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const first = made(20_000);
    spend(first);
    vi.setSystemTime(Date.now() + 3_600_000);
    spend(made(20_001));
    expect(() => spend(first)).toThrow(/used before/);
    vi.setSystemTime(Date.now() + 1);
    spend(made(20_002));
    expect(() => spend(first)).not.toThrow();
  });

  it('remembers what was used, and bounds what it remembers', () => {
    for (let n = 0; n < 10_050; n++) spend(made(n));
    expect(() => spend(made(10_049))).toThrow(/used before/);
    expect(() => spend(made(100))).toThrow(/used before/);
    // The oldest is forgotten: the server knows its code as used.
    expect(() => spend(made(0))).not.toThrow();
  });
});
