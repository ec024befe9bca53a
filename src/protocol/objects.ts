/** An object that is no array: what JSON calls an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy without the members that are undefined, and without `__proto__`. */
export function withoutAbsent<T extends object>(from: T): T {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value !== undefined && name !== '__proto__') copy[name] = value;
  }
  return copy as T;
}
