import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SessionRecord } from '../../src/protocol/record.js';
import { formatRecordText } from '../../src/protocol/record-border.js';
import type { Encrypt } from '../../src/stores/encryption-keys.js';
import { recordTexts, revisionIn } from '../../src/stores/sealing.js';
import { recordOf } from '../support/races-handle.ts';

const PLACE = 'file:/home/anna/.config/tool/session.json';
const bytes = (seed: number, length = 32) => Uint8Array.from({ length }, (_, i) => (seed * 31 + i * 7) % 256);
const [key, other] = [bytes(1), bytes(2)];
const sealed = (encrypt: Encrypt) => recordTexts({ encrypt });
const record = (revision = 3): SessionRecord => ({ ...recordOf(), revision });
const cryptoKey = (usages: KeyUsage[], algorithm = 'AES-GCM', raw: Uint8Array<ArrayBuffer> = bytes(1)) =>
  crypto.subtle.importKey('raw', raw, algorithm, false, usages);
const UNOPENED = { name: 'UnopenedRecordError', revision: 3 };

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('recordTexts', () => {
  it.each([
    ['another key', sealed(other), PLACE],
    ['the place of another', sealed(key), 'file:/home/bert/.config/tool/session.json'],
    ['no key', recordTexts(undefined), PLACE],
  ])('does not open with %s', async (_, texts, place) => {
    const text = await sealed(key).format(record(), place === PLACE ? place : PLACE);
    await expect((async () => texts.parse(text, place))()).rejects.toMatchObject(UNOPENED);
  });

  it('does not open under another revision, neither outside the text nor in it', async () => {
    const text = await sealed(key).format(record(3), PLACE);
    const texts = sealed(key);
    expect(await texts.parse(text, PLACE, 3)).toEqual(record(3));
    await expect(texts.parse(text, PLACE, 4)).rejects.toMatchObject({ ...UNOPENED, revision: 4 });
    const moved = text.replace('.3.', '.4.');
    for (const outside of [undefined, 4])
      await expect(texts.parse(moved, PLACE, outside)).rejects.toMatchObject({ ...UNOPENED, revision: 4 });
  });

  it('opens nothing in which one character was changed', async () => {
    const texts = sealed(key);
    const text = await texts.format(record(), PLACE);
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.';
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.constantFrom(...characters), async (at, character) => {
        fc.pre(text[at] !== character);
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        // The last character has bits that say nothing.
        const found = await Promise.resolve(texts.parse(changed, PLACE)).catch((error: Error) => error);
        if (at === text.length - 1 && !(found instanceof Error)) expect(found).toEqual(record());
        else expect((found as Error).name).toMatch(/^Un(opened|readable)RecordError$/);
      }),
      { numRuns: 300 },
    );
  });

  it('opens no part of it', async () => {
    const texts = sealed(key);
    const text = await texts.format(record(), PLACE);
    for (let length = text.length - 1; length >= 0; length--)
      await expect(texts.parse(text.slice(0, length), PLACE)).rejects.toMatchObject({
        name: expect.stringMatching(/^Un(opened|readable)RecordError$/),
      });
  });

  it('refuses plain text where it encrypts, as it could be anybody’s', async () => {
    await expect(sealed(key).parse(formatRecordText(record()), PLACE)).rejects.toMatchObject({
      ...UNOPENED,
      message: "The session's record is plain text, and the store encrypts: `encrypt`",
    });
  });

  it('reads plain text where that is in the list, and never writes it', async () => {
    const texts = sealed([key, 'plaintext']);
    expect(await texts.parse(formatRecordText(record()), PLACE)).toEqual(record());
    const text = await texts.format(record(), PLACE);
    expect(await sealed(key).parse(text, PLACE)).toEqual(record());
  });

  it.each([
    '',
    'null',
    '{}',
    'latchkey-sealed-1',
    'latchkey-sealed-1.0.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA',
  ])('takes %j for no record', async (text) => {
    for (const texts of [recordTexts({}), sealed(key), sealed([key, 'plaintext'])])
      await expect((async () => texts.parse(text, PLACE))()).rejects.toMatchObject({
        name: 'UnreadableRecordError',
      });
    expect(revisionIn(text)).toBe(0);
  });

  /** As the format is: what was written once is to be read for ever. */
  async function sealedByHand(text: string, about: { place?: string; revision?: number } = {}) {
    const { place = PLACE, revision = 3 } = about;
    const additionalData = new TextEncoder().encode(JSON.stringify(['latchkey', 1, place, revision]));
    const gcm = { name: 'AES-GCM', iv: new Uint8Array(12).fill(7), additionalData };
    const encrypted = await crypto.subtle.encrypt(
      gcm,
      await cryptoKey(['encrypt']),
      new TextEncoder().encode(text),
    );
    const base64url = (of: ArrayBuffer | Uint8Array) => Buffer.from(new Uint8Array(of)).toString('base64url');
    return `latchkey-sealed-1.3.${base64url(gcm.iv)}.${base64url(encrypted)}`;
  }

  it('opens AES-GCM over the record, with place and revision as additional data', async () => {
    const texts = sealed(key);
    expect(await texts.parse(await sealedByHand(formatRecordText(record())), PLACE)).toEqual(record());
    for (const about of [{ place: 'file:/elsewhere' }, { revision: 4 }])
      await expect(
        texts.parse(await sealedByHand(formatRecordText(record()), about), PLACE),
      ).rejects.toMatchObject(UNOPENED);
  });

  it.each([
    ['garbage', '{"v":2}'],
    ['a record of another revision', formatRecordText(record(5))],
  ])('is not opened where it is %s under a good seal', async (_, text) => {
    await expect(sealed(key).parse(await sealedByHand(text), PLACE)).rejects.toMatchObject(UNOPENED);
  });

  it('takes plain text under another revision for no record, and what is sealed for what stands there', async () => {
    const plain = formatRecordText(record(3));
    for (const texts of [recordTexts({}), sealed([key, 'plaintext'])]) {
      expect(await texts.parse(plain, PLACE, 3)).toEqual(record(3));
      await expect((async () => texts.parse(plain, PLACE, 4))()).rejects.toMatchObject({
        name: 'UnreadableRecordError',
      });
    }
    const text = await sealed(key).format(record(3), PLACE);
    await expect((async () => recordTexts({}).parse(text, PLACE, 4))()).rejects.toMatchObject({
      revision: 4,
    });
  });

  it('opens what it sealed, whatever the record, the place and the key', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.string({ unit: 'binary' }),
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 400 }),
        async (raw, place, revision, id) => {
          const texts = sealed(raw);
          const written = { ...record(revision), id };
          const text = await texts.format(written, place);
          expect(revisionIn(text)).toBe(revision);
          // As JSON keeps it.
          const kept = JSON.parse(JSON.stringify(written)) as SessionRecord;
          expect(await texts.parse(text, place, revision)).toEqual(kept);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('seals what is larger than a call takes arguments', async () => {
    const large = { ...record(), tokens: { accessToken: 'a'.repeat(600_000) } };
    const texts = sealed(key);
    expect(await texts.parse(await texts.format(large, PLACE), PLACE)).toMatchObject({
      tokens: large.tokens,
    });
  });

  it('uses a nonce once, and shows nothing of the record but its revision and length', async () => {
    const texts = sealed(key);
    // long ones: what is sealed looks random, and has every short text somewhere
    const secrets = { accessToken: 'access-token-of-anna', refreshToken: 'refresh-token-of-anna' };
    const shown = { ...record(), id: 'sign-in-of-anna', tokens: secrets };
    const written = await Promise.all(Array.from({ length: 200 }, () => texts.format(shown, PLACE)));
    const nonces = written.map((text) => text.split('.')[2]);
    expect(new Set(nonces).size).toBe(200);
    for (const text of written) {
      expect(text).toMatch(/^latchkey-sealed-1\.3\.[\w-]{16}\.[\w-]+$/);
      const plain = Buffer.from(text.split('.')[3] ?? '', 'base64url').toString('latin1');
      for (const secret of [...Object.values(secrets), shown.id, 'accessToken'])
        expect(text + plain).not.toContain(secret);
    }
  });

  it('seals with the first key and opens with every one', async () => {
    const [old, both, fresh] = [sealed(other), sealed([key, other]), sealed(key)];
    expect(await both.parse(await old.format(record(), PLACE), PLACE)).toEqual(record());
    const text = await both.format(record(), PLACE);
    expect(await fresh.parse(text, PLACE)).toEqual(record());
    await expect(old.parse(text, PLACE)).rejects.toMatchObject(UNOPENED);
  });

  it('takes a CryptoKey that is not extractable, the same key as its bytes', async () => {
    const texts = sealed(await cryptoKey(['encrypt', 'decrypt']));
    const text = await texts.format(record(), PLACE);
    expect(await sealed(key).parse(text, PLACE)).toEqual(record());
    const reading = sealed([other, await cryptoKey(['decrypt'])]);
    expect(await reading.parse(text, PLACE)).toEqual(record());
  });

  it('keeps a copy of the bytes', async () => {
    const mine = bytes(1);
    const texts = sealed(mine);
    mine.fill(0);
    expect(await sealed(key).parse(await texts.format(record(), PLACE), PLACE)).toEqual(record());
  });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a text', 'a'.repeat(32)],
    ['an empty list', []],
    ['plain text alone', 'plaintext'],
    ['plain text first', ['plaintext', key]],
    ['a number', 5],
    ['a list with something else in it', [key, 'plain']],
    ['an array of numbers', [[...key]]],
    ['other bytes', new Uint16Array(32)],
  ])('throws a TypeError that names the option for %s', (_, encrypt) => {
    expect(() => sealed(encrypt as Encrypt)).toThrow(
      new TypeError(
        'encrypt: must be 32 bytes, an AES-GCM CryptoKey, or a list of such keys, the newest first',
      ),
    );
  });

  it('throws a TypeError for keys that cannot do it, and says what of them', async () => {
    for (const length of [0, 16, 31, 33, 64])
      expect(() => sealed([key, bytes(9, length)])).toThrow(
        new TypeError(`encrypt: a key must have 32 bytes, and this one has ${length}`),
      );
    const reading = await cryptoKey(['decrypt']);
    expect(() => sealed(reading)).toThrow(new TypeError('encrypt: the CryptoKey must allow "encrypt"'));
    const writing = await cryptoKey(['encrypt']);
    for (const encrypt of [writing, [key, writing]] as Encrypt[])
      expect(() => sealed(encrypt)).toThrow(new TypeError('encrypt: the CryptoKey must allow "decrypt"'));
    const cbc = await cryptoKey(['encrypt', 'decrypt'], 'AES-CBC');
    expect(() => sealed(cbc)).toThrow(TypeError);
    const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
    expect(() => sealed((pair as CryptoKeyPair).privateKey)).toThrow(TypeError);
    expect(() => recordTexts(null as never)).toThrow(new TypeError('options: must be an object'));
    expect(() => recordTexts('x' as never)).toThrow(new TypeError('options: must be an object'));
  });

  it('is told by a typed error where the platform has no Web Crypto', async () => {
    const text = await sealed(key).format(record(), PLACE);
    for (const none of [undefined, {}]) {
      vi.stubGlobal('crypto', none);
      const texts = sealed(key);
      for (const work of [() => texts.format(record(), PLACE), () => texts.parse(text, PLACE)])
        await expect((async () => work())()).rejects.toMatchObject({
          code: 'refresh-unavailable',
          message: 'encrypt: this platform has no Web Crypto, which it needs',
        });
      vi.unstubAllGlobals();
      // It is looked up at use.
      expect(await texts.parse(text, PLACE)).toEqual(record());
    }
  });

  it('is told by a typed error where the key does not work after all', async () => {
    const fake = {
      type: 'secret',
      extractable: false,
      algorithm: { name: 'AES-GCM' },
      usages: ['encrypt', 'decrypt'],
    };
    const texts = sealed(fake);
    await expect(texts.format(record(), PLACE)).rejects.toMatchObject({
      code: 'refresh-unavailable',
      message: 'encrypt: the record could not be encrypted',
    });
    const text = await sealed(key).format(record(), PLACE);
    await expect(texts.parse(text, PLACE)).rejects.toMatchObject(UNOPENED);
  });

  it('shows neither key nor record in itself or in its errors', async () => {
    const secret = Buffer.from('0123456789abcdef0123456789abcdef');
    const texts = sealed(secret);
    const text = await texts.format(record(), PLACE);
    const errors = [];
    for (const wrong of [sealed(other), recordTexts({})]) {
      const failed = await (async () => wrong.parse(text, PLACE))().catch((error: unknown) => error);
      errors.push(failed);
    }
    errors.push(await (async () => texts.parse(text, 'elsewhere', 9))().catch((error: unknown) => error));
    try {
      sealed([secret, secret.subarray(0, 31)]);
    } catch (error) {
      errors.push(error);
    }
    expect(errors).toHaveLength(4);
    const shown = inspect([texts, ...errors], { depth: 9, showHidden: true });
    for (const known of [
      '0123',
      '48, 49',
      '30 31',
      secret.toString('base64').slice(0, 9),
      'rt-',
      'at-',
      'anna',
    ])
      expect(shown).not.toContain(known);
  });

  it('is plain text without keys, at once', () => {
    for (const texts of [recordTexts(undefined), recordTexts({})]) {
      expect(texts.sealed).toBe(false);
      expect(texts.format(record(), PLACE)).toBe(formatRecordText(record()));
      expect(texts.parse(formatRecordText(record()), PLACE)).toEqual(record());
    }
  });
});
