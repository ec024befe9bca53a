const UNREADABLE = 'UnreadableRecordError';
const UNOPENED = 'UnopenedRecordError';

/** A store holds something that is no record this version understands; what it holds is not told. */
export class UnreadableRecordError extends Error {
  override readonly name: string = UNREADABLE;

  constructor(message = 'The store holds no session record that can be read') {
    super(message);
  }
}

/** A record stands there that others may be able to open: only a sign-in writes over it. */
export class UnopenedRecordError extends Error {
  override readonly name: string = UNOPENED;
  /** The revision to write over. */
  readonly revision: number;

  constructor(revision: number, message: string) {
    super(message);
    this.revision = revision;
  }
}

/** By name: a store may come from another copy of the package. */
export function isUnreadable(error: unknown): boolean {
  return nameOf(error) === UNREADABLE;
}

/** By name, as {@link isUnreadable}. */
export function isUnopened(error: unknown): error is UnopenedRecordError {
  return nameOf(error) === UNOPENED && Number.isSafeInteger((error as UnopenedRecordError).revision);
}

const nameOf = (error: unknown) => (error as { name?: unknown } | null | undefined)?.name;
