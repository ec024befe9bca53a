import type { Reader } from '../protocol/reconcile.js';
import type { SessionRecord } from '../protocol/record.js';
import type { Emitter } from './emitter.js';

export interface LedgerOptions extends Omit<Reader, 'endedHere' | 'signedInHere'> {
  readonly emitter: Emitter;
  readonly now: () => number;
  readonly softMs: number;
  readonly hardMs: number;
  /** Whether anything can renew this record: without that there are no windows. */
  readonly renewable: (record: SessionRecord) => boolean;
  /** The snapshot may have changed. */
  readonly changed: () => void;
  /** A life is over: whoever waits in it is to be told. */
  readonly ended: () => void;
}
