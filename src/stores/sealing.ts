import { RefreshUnavailableError } from '../errors.js';
import type { SessionRecord } from '../protocol/record.js';
import { formatRecordText, parseRecordText } from '../protocol/record-border.js';
import { UnopenedRecordError, UnreadableRecordError } from '../protocol/unreadable.js';
import type { MaybePromise } from '../types.js';
import { type Encrypt, type Keys, keysOf, webCrypto } from './encryption-keys.js';
import { type Envelope, formatEnvelope, NONCE_BYTES, readEnvelope } from './envelope.js';

/** How records rest as text: sealed, where the store was given keys. */
export interface RecordTexts {
  readonly sealed: boolean;
  /**
   * The text that is kept.
   *
   * @param place What tells this place from every other: the kind of store, and a path or key.
   * @throws RefreshUnavailableError where it cannot be sealed.
   */
  format(record: SessionRecord, place: string): MaybePromise<string>;
  /**
   * The record that was kept there.
   *
   * @param revision Where it stands beside the text too: both must say the same.
   * @throws UnreadableRecordError where it is no record, UnopenedRecordError where no key opens it.
   */
  parse(text: string, place: string, revision?: number): MaybePromise<SessionRecord>;
}

/**
 * AES-GCM (NIST SP 800-38D) by Web Crypto, with a new random nonce of 96 bits each time. Place and revision are
 * authenticated, so that no record is moved to another place or put under another revision.
 *
 * @throws TypeError where `encrypt` is there and holds no usable key.
 */
export function recordTexts(options: { readonly encrypt?: Encrypt } | undefined): RecordTexts {
  if (options === undefined) return plainTexts;
  if (typeof options !== 'object' || options === null) throw new TypeError('options: must be an object');
  // A key that was not found must not mean plain text.
  return 'encrypt' in options ? sealedTexts(keysOf(options.encrypt as Encrypt)) : plainTexts;
}

/** Of whatever stands there, without opening it; 0: no record. */
export function revisionIn(text: string): number {
  return (readEnvelope(text) ?? parseRecordText(text))?.revision ?? 0;
}

const plainTexts: RecordTexts = {
  sealed: false,
  format: formatRecordText,
  parse(text, _, revision) {
    const envelope = readEnvelope(text);
    if (envelope)
      throw unopened(
        revision ?? envelope.revision,
        'is encrypted, and the store was given no key: `encrypt`',
      );
    return readable(text, revision);
  },
};

function sealedTexts({ all, plaintext }: Keys): RecordTexts {
  return {
    sealed: true,
    async format(record, place) {
      const crypto = webCrypto();
      const { revision } = record;
      const text = new TextEncoder().encode(formatRecordText(record));
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      try {
        const key = await (all[0] as (typeof all)[0])();
        const sealed = await crypto.subtle.encrypt(algorithm(nonce, place, revision), key, text);
        return formatEnvelope({ revision, nonce, sealed: new Uint8Array(sealed) });
      } catch {
        // What it says might be about the key.
        throw new RefreshUnavailableError('encrypt: the record could not be encrypted');
      }
    },
    async parse(text, place, revision) {
      const envelope = readEnvelope(text);
      if (!envelope) {
        const record = readable(text, revision);
        if (plaintext) return record;
        throw unopened(record.revision, 'is plain text, and the store encrypts: `encrypt`');
      }
      const stands = revision ?? envelope.revision;
      const opened = stands === envelope.revision ? await open(all, envelope, place) : undefined;
      const record = opened === undefined ? undefined : parseRecordText(opened);
      if (record?.revision !== stands)
        throw unopened(stands, 'cannot be decrypted: no key of `encrypt` is right, or it was changed');
      return record as SessionRecord;
    },
  };
}

async function open(keys: Keys['all'], envelope: Envelope, place: string): Promise<string | undefined> {
  const { subtle } = webCrypto();
  const how = algorithm(envelope.nonce, place, envelope.revision);
  for (const key of keys) {
    try {
      const opened = await subtle.decrypt(how, await key(), envelope.sealed);
      return new TextDecoder('utf-8', { fatal: true }).decode(opened);
    } catch {
      // the next key
    }
  }
  return undefined;
}

function algorithm(iv: Uint8Array<ArrayBuffer>, place: string, revision: number): AesGcmParams {
  const additionalData = new TextEncoder().encode(JSON.stringify(['latchkey', 1, place, revision]));
  return { name: 'AES-GCM', iv, additionalData, tagLength: 128 };
}

function readable(text: string, revision: number | undefined): SessionRecord {
  const record = parseRecordText(text);
  if (!record || (revision ?? record.revision) !== record.revision) throw new UnreadableRecordError();
  return record;
}

function unopened(revision: number, why: string): UnopenedRecordError {
  return new UnopenedRecordError(revision, `The session's record ${why}`);
}
