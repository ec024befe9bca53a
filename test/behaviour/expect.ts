/** Assertions that need nothing of their platform; the last argument says what is expected. */
export interface Expect {
  equal(actual: unknown, expected: unknown, what: string): void;
  ok(value: unknown, what: string): void;
  /** The value, as what the guard knows it for. */
  is<T, Known extends T>(value: T, guard: (value: T) => value is Known, what: string): Known;
  match(text: unknown, pattern: RegExp, what: string): void;
  /** Resolves with what was thrown. */
  rejects(promise: Promise<unknown>, what: string): Promise<Error>;
}

export const expect: Expect = {
  equal(actual, expected, what) {
    const [seen, wanted] = [shown(actual), shown(expected)];
    if (seen !== wanted) throw new Error(`${what}: expected ${wanted}, got ${seen}`);
  },
  ok(value, what) {
    if (!value) throw new Error(`${what}: got ${shown(value)}`);
  },
  is(value, guard, what) {
    if (guard(value)) return value;
    throw new Error(`${what}: got ${String(value)}`);
  },
  match(text, pattern, what) {
    if (!pattern.test(String(text))) throw new Error(`${what}: ${shown(text)} does not match ${pattern}`);
  },
  async rejects(promise, what) {
    let value: unknown;
    try {
      value = await promise;
    } catch (error) {
      return error as Error;
    }
    throw new Error(`${what}: expected a rejection, got ${shown(value)}`);
  },
};

/** Members in the order of their names; what JSON leaves out is shown. */
function shown(value: unknown): string {
  return (
    JSON.stringify(value, (_, member: unknown) => {
      if (member === undefined) return '(undefined)';
      if (typeof member === 'number' && !Number.isFinite(member)) return `(${member})`;
      if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
      return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
    }) ?? String(value)
  );
}
