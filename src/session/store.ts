import type { SessionRecord } from '../protocol/record.js';
import type { MaybePromise } from '../types.js';

/** Where the session's record rests, and how the contexts that share it take turns. */
export interface TokenStore {
  load(): MaybePromise<SessionRecord | undefined>;
  /**
   * Atomic: writes `next` where the stored revision is still `ifRevision` (0: nothing stored).
   * false: the stored revision is another, perhaps your own write that timed out.
   */
  save(next: SessionRecord, ifRevision: number): MaybePromise<boolean>;
  /** One holder at a time, for all handles of the place; `signal` aborts before the turn can be lost. */
  turn<T>(
    task: (signal: AbortSignal) => Promise<T>,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<T>;
  /** false: turns are advisory only; save is atomic in one JavaScript context. */
  readonly exclusive: boolean;
  /** Never refreshes: a 401 is delivered as 'read-only'. */
  readonly readOnly?: true | undefined;
  /** Calls back when the record may have changed, and after every reconnect. */
  watch?(listener: () => void): () => void;
  /** Calls back when the context is in the foreground again; a session heeds it that is given no `onResume` of its own. */
  onResume?(resume: () => void): () => void;
  /** What is saved rests in this context's memory only, as long as this is true: a reload forgets it. */
  readonly memoryOnly?: boolean | undefined;
  close?(): Promise<void>;
}
