import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionRecord } from '../../src/protocol/record.js';
import { formatRecordText, parseRecord, parseRecordText } from '../../src/protocol/record-border.js';

const smallest: SessionRecord = { id: 'i', revision: 1, generation: 0, boundTo: '' };
const full: SessionRecord = {
  id: 'i',
  revision: 7,
  generation: 3,
  boundTo: 'https://id.example.com spa',
  tokens: {
    accessToken: 'a',
    tokenType: 'Bearer',
    refreshToken: 'r',
    expiresAt: 1_700_000_000_000,
    scope: 's',
    idToken: 'j',
    extra: { user: { id: 1 } },
  },
  mintedAt: 1_700_000_000_000,
  expiresAt: 1_700_000_000_000,
  refusals: [1, 2.5],
  holderUntil: 1,
  ended: 'rejected',
  notBefore: 1_234.5,
};

describe('parseRecord', () => {
  it.each([[undefined], [null], [''], ['{}'], [5], [true], [[]], [[smallest]], [{}]])(
    'refuses %j',
    (stored) => expect(parseRecord(stored)).toBeUndefined(),
  );

  it.each([
    ['id', ['', 5, null, {}]],
    ['revision', [0, -1, 1.5, '1', null, Number.NaN, 2 ** 53]],
    ['generation', [-1, 0.5, '1', null]],
    ['boundTo', [null, 5, {}]],
    ['mintedAt', ['1', null, Number.NaN, Number.POSITIVE_INFINITY, {}]],
    ['expiresAt', ['1', null, 9e15]],
    ['holderUntil', ['1', null]],
    ['notBefore', ['1', null]],
    ['refusals', [5, null, {}, ['1'], [null], [Number.NaN]]],
    ['ended', ['', 'yes', true, null]],
  ])('refuses a wrong %s', (name, wrong) => {
    for (const value of wrong) expect(parseRecord({ ...full, [name]: value })).toBeUndefined();
  });

  it.each([['id'], ['revision'], ['generation'], ['boundTo']])('refuses a record without %s', (name) => {
    expect(parseRecord({ ...full, [name]: undefined })).toBeUndefined();
  });

  it.each([
    [null],
    ['a'],
    [[]],
    [{}],
    [{ accessToken: '' }],
    [{ accessToken: 'a b' }],
    [{ access_token: 'a' }],
    [{ accessToken: 'a', tokenType: 'mac' }],
    [{ accessToken: 'a', refreshToken: 5 }],
    [{ accessToken: 'a', refreshToken: null }],
    [{ accessToken: 'a', expiresAt: 'x' }],
    [{ accessToken: 'a', extra: [] }],
  ])('refuses the tokens %j', (tokens) => expect(parseRecord({ ...full, tokens })).toBeUndefined());

  it('never throws', () => {
    const hostile = {
      get id() {
        throw new Error('secret');
      },
    };
    expect(parseRecord(hostile)).toBeUndefined();
    fc.assert(fc.property(fc.anything(), (stored) => parseRecord(stored) === undefined));
  });

  it('returns what it knows and drops what it does not', () => {
    expect(parseRecord(full)).toStrictEqual(full);
    expect(parseRecord(smallest)).toStrictEqual(smallest);
    const stored = { ...full, later: 1, tokens: { accessToken: 'a', later: 1 } };
    expect(parseRecord(stored)).toStrictEqual({ ...full, tokens: { accessToken: 'a' } });
    expect(parseRecord({ ...smallest, ended: undefined, tokens: undefined })).toStrictEqual(smallest);
  });

  it('is immune to __proto__', () => {
    const text =
      '{"id":"i","revision":1,"generation":0,"boundTo":"","__proto__":{"ended":"rejected"},"tokens":{"accessToken":"a","extra":{"__proto__":{"x":1},"y":2}}}';
    const record = parseRecord(JSON.parse(text));
    expect(record?.ended).toBeUndefined();
    expect(record?.tokens?.extra).toStrictEqual({ y: 2 });
  });
});

describe('parseRecordText', () => {
  it.each([
    [''],
    ['null'],
    ['{'],
    ['"{}"'],
    [JSON.stringify(full)],
    [JSON.stringify({ v: 2, ...full })],
    [JSON.stringify({ v: '1', ...full })],
    [JSON.stringify({ v: 1, ...full, revision: 0 })],
  ])('refuses %s', (text) => expect(parseRecordText(text)).toBeUndefined());

  it('never throws', () => {
    expect(parseRecordText(undefined as never)).toBeUndefined();
    fc.assert(fc.property(fc.json(), (text) => parseRecordText(text) === undefined));
  });

  it('reads what formatRecordText wrote', () => {
    expect(parseRecordText(formatRecordText(full))).toStrictEqual(full);
    expect(parseRecordText(formatRecordText(smallest))).toStrictEqual(smallest);
  });
});

describe('formatRecordText', () => {
  it('says which format it is', () => {
    expect(JSON.parse(formatRecordText(smallest))).toEqual({ v: 1, ...smallest });
  });

  it('keeps the tokens where their extra members cannot be written', () => {
    const loop: Record<string, unknown> = {};
    loop['loop'] = loop;
    for (const extra of [{ big: 5n }, loop]) {
      const text = formatRecordText({ ...smallest, tokens: { accessToken: 'a', refreshToken: 'r', extra } });
      expect(parseRecordText(text)?.tokens).toStrictEqual({ accessToken: 'a', refreshToken: 'r' });
    }
  });
});
