const NAME = 'UnreadableRecordError';

/** A store holds something that is no record this version understands; what it holds is not told. */
export class UnreadableRecordError extends Error {
  override readonly name: string = NAME;

  constructor(message = 'The store holds no session record that can be read') {
    super(message);
  }
}

/** By name: a store may come from another copy of the package. */
export function isUnreadable(error: unknown): boolean {
  return (error as { name?: unknown } | null | undefined)?.name === NAME;
}
