import * as z from 'zod/mini';
import { isInstant } from './lifetime.js';
import { isObject, withoutAbsent } from './objects.js';
import type { SessionRecord } from './record.js';
import { type Members, readMembers, type TokenSet, tokenSetMembers } from './token-set.js';

/** What a newer format would change; a record of another format is not read. */
const FORMAT = 1;

type Own = Omit<SessionRecord, 'tokens'>;

let madeMembers: Members<Own> | undefined;

/** Made when first used, as those of the tokens. */
function recordMembers(): Members<Own> {
  madeMembers ??= makeMembers();
  return madeMembers;
}

function makeMembers(): Members<Own> {
  const instant = z.custom<number | undefined>((value) => value === undefined || isInstant(value));
  const counterFrom = (least: number) =>
    z.custom<number>((value) => Number.isSafeInteger(value) && (value as number) >= least);
  return {
    id: z.custom<string>((value) => typeof value === 'string' && value !== ''),
    revision: counterFrom(1),
    generation: counterFrom(0),
    boundTo: z.custom<string>((value) => typeof value === 'string'),
    mintedAt: instant,
    expiresAt: instant,
    refusals: z.custom<readonly number[] | undefined>(
      (value) => value === undefined || (Array.isArray(value) && value.every(isInstant)),
    ),
    holderUntil: instant,
    ended: z.custom<SessionRecord['ended']>(
      (value) => value === undefined || value === 'signed-out' || value === 'rejected',
    ),
    notBefore: instant,
  };
}

/** A record as a store gives it: refused as a whole (undefined) where one member is not what it must be. Never throws. */
export function parseRecord(stored: unknown): SessionRecord | undefined {
  try {
    if (!isObject(stored)) return undefined;
    const record = readMembers(recordMembers(), stored);
    if (!('value' in record)) return undefined;
    if (stored['tokens'] === undefined) return record.value;
    const tokens = storedTokens(stored['tokens']);
    return tokens && { ...record.value, tokens };
  } catch {
    return undefined;
  }
}

function storedTokens(stored: unknown): TokenSet | undefined {
  if (!isObject(stored)) return undefined;
  const { extra } = stored;
  const read = readMembers(tokenSetMembers(), {
    ...stored,
    extra: isObject(extra) ? withoutAbsent(extra) : extra,
  });
  return 'value' in read ? read.value : undefined;
}

/** A record as text (JSON) stores keep it; undefined: no record that this version understands. Never throws. */
export function parseRecordText(text: string): SessionRecord | undefined {
  try {
    const stored: unknown = JSON.parse(text);
    return isObject(stored) && stored['v'] === FORMAT ? parseRecord(stored) : undefined;
  } catch {
    return undefined;
  }
}

/** The text that {@link parseRecordText} reads. */
export function formatRecordText(record: SessionRecord): string {
  try {
    return JSON.stringify({ v: FORMAT, ...record });
  } catch {
    // Tokens matter more than members that JSON cannot hold (a BigInt, a cycle).
    const { extra: _, ...tokens } = record.tokens as TokenSet;
    return JSON.stringify({ v: FORMAT, ...record, tokens });
  }
}
