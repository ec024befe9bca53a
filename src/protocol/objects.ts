/** An object that is no array: what JSON calls an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Misuse that JavaScript lets through: no options, or a function in their place. */
export function assertOptions(of: string, options: unknown): void {
  if (!isObject(options)) throw new TypeError(`${of}: the options must be an object`);
}

/** A copy without the members that are undefined, and without `__proto__`. */
export function withoutAbsent<T extends object>(from: T): T {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value !== undefined && name !== '__proto__') copy[name] = value;
  }
  return copy as T;
}
