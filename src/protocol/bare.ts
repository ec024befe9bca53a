/**
 * An object that inherits nothing, so `__proto__` and `constructor` are names like others; unlike one of
 * `Object.create(null)` it is fast.
 */
export const Bare: { new (): Record<string, string> } = /* @__PURE__ */ (() => {
  function Bare() {}
  Bare.prototype = Object.create(null);
  return Bare as unknown as { new (): Record<string, string> };
})();
