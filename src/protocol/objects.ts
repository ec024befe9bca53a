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

/**
 * An object that inherits nothing, so `__proto__` and `constructor` are names like others; unlike one of
 * `Object.create(null)` it is fast.
 */
export const Bare: { new (): Record<string, string> } = /* @__PURE__ */ (() => {
  function Bare() {}
  Bare.prototype = Object.create(null);
  return Bare as unknown as { new (): Record<string, string> };
})();
