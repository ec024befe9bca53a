import type { SessionRecord } from '../../src/protocol/record.js';

/** A record in a line of the log. */
export const brief = (record: SessionRecord | undefined): string =>
  record === undefined
    ? 'nothing'
    : `${record.id.slice(-4)} r${record.revision} g${record.generation} ${record.tokens?.refreshToken ?? '-'} ${record.ended ?? ''}`;
