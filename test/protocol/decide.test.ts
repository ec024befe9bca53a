import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Action,
  type Attempt,
  lastSent,
  type Offer,
  sameCredentials,
  sameSpace,
} from '../../src/protocol/attempt.js';
import type { Credentials } from '../../src/protocol/credentials.js';
import { decide } from '../../src/protocol/decide.js';

const sent = (scheme: number, by: Action | undefined, minted?: boolean): Attempt => ({
  scheme,
  by,
  credentials: { version: {} },
  minted,
});
const offer = (action: Action, scheme = 0): Offer => ({ scheme, action, challenge: undefined });

describe('decide', () => {
  it('delivers as not answerable where no scheme offers anything', () => {
    expect(decide({ attempts: [sent(-1, undefined)], offers: [] })).toEqual({ deliver: 'not-answerable' });
  });

  it('delivers what a challenge asks for, where nobody can get it', () => {
    const exchange = { attempts: [sent(0, undefined)], offers: [], asks: 'insufficient-scope' } as const;
    expect(decide(exchange)).toEqual({ deliver: 'insufficient-scope' });
  });

  it('delivers as refused again what was minted and refused', () => {
    const attempts = [sent(0, undefined), sent(0, 'replace', true)];
    expect(decide({ attempts, offers: [offer('replace')] })).toEqual({ deliver: 'refused-again' });
  });

  it('replaces a second time what was adopted, and not a third time', () => {
    const attempts = [sent(0, undefined), sent(0, 'replace', false)];
    expect(decide({ attempts, offers: [offer('replace')] })).toEqual({ offer: offer('replace') });
    const again = [...attempts, sent(0, 'replace', false)];
    expect(decide({ attempts: again, offers: [offer('replace')] })).toEqual({ deliver: 'refused-again' });
  });

  it('answers twice, and not a third time', () => {
    const attempts = [sent(-1, undefined), sent(0, 'answer')];
    expect(decide({ attempts, offers: [offer('answer')] })).toEqual({ offer: offer('answer') });
    const again = [...attempts, sent(0, 'answer')];
    expect(decide({ attempts: again, offers: [offer('answer')] })).toEqual({ deliver: 'refused-again' });
  });

  it('steps up once', () => {
    const attempts = [sent(0, undefined), sent(0, 'step-up', true)];
    expect(decide({ attempts, offers: [offer('step-up')] })).toEqual({ deliver: 'refused-again' });
  });

  it('asks the next scheme where an answer had nothing to send, and says why where there is none', () => {
    const attempts: Attempt[] = [sent(-1, undefined), { scheme: 0, by: 'answer', credentials: undefined }];
    expect(decide({ attempts, offers: [offer('answer'), offer('answer', 1)] })).toEqual({
      offer: offer('answer', 1),
    });
    expect(decide({ attempts, offers: [offer('answer')] })).toEqual({ deliver: 'no-credentials' });
    expect(decide({ attempts, offers: [offer('answer')], absent: 'signed-out' })).toEqual({
      deliver: 'signed-out',
    });
  });

  it('takes up the first offer that may be', () => {
    const attempts = [sent(0, undefined), sent(1, 'replace', true)];
    expect(decide({ attempts, offers: [offer('replace', 1), offer('answer')] })).toEqual({
      offer: offer('answer'),
    });
  });

  it('goes down to no scheme after one whose credentials were refused', () => {
    const offers = [offer('answer', 1)];
    for (const attempts of [
      [sent(-1, undefined), sent(0, 'answer')],
      [sent(0, undefined), sent(0, 'replace', true)],
      [{ ...sent(0, undefined), known: true }],
    ]) {
      expect(decide({ attempts, offers })).toEqual({ deliver: 'refused-again' });
    }
  });

  it('goes down where the scheme was sent unasked to a server that is not known to take it', () => {
    const attempts = [{ ...sent(0, undefined), known: false }];
    expect(decide({ attempts, offers: [offer('answer', 1)] })).toEqual({ offer: offer('answer', 1) });
  });

  it('goes down to a fallback, and up', () => {
    const down = { ...offer('answer', 1), fallback: true };
    expect(decide({ attempts: [sent(0, 'answer')], offers: [down] })).toEqual({ offer: down });
    expect(decide({ attempts: [sent(1, 'answer')], offers: [offer('answer')] })).toEqual({
      offer: offer('answer'),
    });
  });

  const basic = (realm: string) => ({ scheme: 'basic', params: { realm } });
  const empty = (realm: string): Attempt => ({
    scheme: 0,
    by: 'answer',
    credentials: undefined,
    challenge: basic(realm),
  });
  const forRealm = (realm: string): Offer => ({ scheme: 0, action: 'answer', challenge: basic(realm) });

  it('asks a scheme for each realm of its challenges, and for none twice', () => {
    const attempts = [sent(-1, undefined), empty('a')];
    const offers = [forRealm('a'), forRealm('b')];
    expect(decide({ attempts, offers })).toEqual({ offer: forRealm('b') });
    expect(decide({ attempts: [...attempts, empty('b')], offers })).toEqual({ deliver: 'no-credentials' });
  });

  it('asks a scheme for four realms that it has nothing for, and for no fifth', () => {
    const attempts = [sent(-1, undefined), empty('a'), empty('b'), empty('c')];
    expect(decide({ attempts, offers: [forRealm('d')] })).toEqual({ offer: forRealm('d') });
    const all = [...attempts, empty('d')];
    expect(decide({ attempts: all, offers: [forRealm('e')] })).toEqual({ deliver: 'no-credentials' });
  });

  it('delivers for the reason that the scheme gave', () => {
    const attempts = [sent(0, undefined), { ...sent(0, 'replace', true), credentials: undefined }];
    const exchange = { attempts, offers: [offer('replace')], absent: 'refresh-limit' } as const;
    expect(decide(exchange)).toEqual({ deliver: 'refresh-limit' });
  });

  const actions = fc.constantFrom<Action>('answer', 'replace', 'step-up');
  const turn = (schemes: number, action: fc.Arbitrary<Action>) =>
    fc.record({
      offers: fc.array(
        fc.record({
          scheme: fc.nat(schemes - 1),
          action,
          challenge: fc.option(fc.nat(9).map(String).map(basic), { nil: undefined }),
          fallback: fc.boolean(),
        }),
      ),
      minted: fc.boolean(),
      has: fc.boolean(),
    });

  function sendings(
    turns: readonly { offers: Offer[]; minted: boolean; has: boolean }[],
    length: number,
    attempts: Attempt[] = [sent(-1, undefined)],
  ): number {
    let count = 1;
    for (let i = 0; i < length; i++) {
      const { offers, minted, has } = turns[i % turns.length] as (typeof turns)[number];
      const { offer: taken } = decide({ attempts, offers });
      if (taken === undefined) continue;
      const credentials = has || taken.action !== 'answer' ? { version: {} } : undefined;
      if (credentials !== undefined) count++;
      const { scheme, action: by, challenge } = taken;
      attempts.push({ scheme, by, credentials, minted, challenge });
    }
    return count;
  }

  it('sends at most 4n + 1 times, whatever the schemes offer', () => {
    const run = fc
      .integer({ min: 1, max: 4 })
      .chain((schemes) =>
        fc.tuple(
          fc.constant(schemes),
          fc.array(turn(schemes, fc.constantFrom<Action>('answer', 'replace')), { minLength: 1 }),
        ),
      );
    fc.assert(
      fc.property(run, ([schemes, turns]) => sendings(turns, 200) <= 4 * schemes + 1),
      { numRuns: 500 },
    );
  });

  it('sends at most 5n + 1 times with step-up', () => {
    const run = fc
      .integer({ min: 1, max: 4 })
      .chain((schemes) => fc.tuple(fc.constant(schemes), fc.array(turn(schemes, actions), { minLength: 1 })));
    fc.assert(
      fc.property(run, ([schemes, turns]) => sendings(turns, 200) <= 5 * schemes + 1),
      { numRuns: 500 },
    );
  });

  it('asks at most 9n times, whatever the challenges and however often there is nothing', () => {
    const run = fc
      .integer({ min: 1, max: 4 })
      .chain((schemes) => fc.tuple(fc.constant(schemes), fc.array(turn(schemes, actions), { minLength: 1 })));
    fc.assert(
      fc.property(run, ([schemes, turns]) => {
        const attempts: Attempt[] = [sent(-1, undefined)];
        sendings(turns, 200, attempts);
        return attempts.length <= 9 * schemes + 1;
      }),
      { numRuns: 500 },
    );
  });

  it('reaches the bound, so that it is one', () => {
    const everything: Offer[] = [offer('answer'), offer('replace'), offer('step-up')];
    expect(sendings([{ offers: everything, minted: false, has: true }], 50)).toBe(6);
  });

  it('is a function of its argument alone', () => {
    const exchange = { attempts: [sent(0, undefined)], offers: [offer('replace')] };
    expect(decide(exchange)).toEqual(decide(exchange));
  });
});

describe('sameCredentials', () => {
  it('compares versions by identity', () => {
    const version = {};
    expect(sameCredentials({ version, headers: { a: '1' } }, { version, headers: { a: '2' } })).toBe(true);
    expect(sameCredentials({ version: {} }, { version: {} })).toBe(false);
  });

  it('compares what is written where there are no versions', () => {
    const of = (value: string): Credentials => ({ headers: { a: value } });
    expect(sameCredentials(of('1'), of('1'))).toBe(true);
    expect(sameCredentials(of('1'), of('2'))).toBe(false);
    expect(sameCredentials({ query: { a: '1' } }, { query: { a: '2' } })).toBe(false);
    expect(sameCredentials({ cookies: true }, {})).toBe(false);
    expect(sameCredentials({}, {})).toBe(true);
  });
});

describe('sameSpace', () => {
  it('goes by realm, service and scope, not by nonce or algorithm', () => {
    const of = (params: Record<string, string>) => ({ scheme: 'x', params });
    expect(sameSpace(undefined, undefined)).toBe(true);
    expect(sameSpace(of({ realm: 'a', nonce: '1' }), of({ realm: 'a', nonce: '2' }))).toBe(true);
    for (const other of [{ realm: 'b' }, { realm: 'a', service: 's' }, { realm: 'a', scope: 's' }, {}]) {
      expect(sameSpace(of({ realm: 'a' }), of(other as Record<string, string>))).toBe(false);
    }
  });
});

describe('lastSent', () => {
  it('finds what a scheme sent last, past those of others and those that were none', () => {
    const first = sent(0, undefined);
    const second = sent(0, 'replace');
    const attempts = [
      first,
      second,
      sent(1, 'answer'),
      { scheme: 0, by: 'answer' as const, credentials: undefined },
    ];
    expect(lastSent(attempts, 0)).toBe(second.credentials);
    expect(lastSent(attempts, 2)).toBeUndefined();
  });
});
