/** One obligation of the RFCs, and what holds it: tests, a sentence of the README's "Limits", or both. */
export interface Row {
  /** What it asks for, in short. */
  readonly about: string;
  /** Titles of tests, by file below test/ and without its ending; of a table's test also the title of one line. */
  readonly tests?: Readonly<Record<string, readonly string[]>>;
  /** What latchkey does not do, or the platform does in its place. */
  readonly limit?: string;
}
export type Rows = Readonly<Record<string, Row>>;
