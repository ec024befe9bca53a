// `node traps.mjs <url of a module>` prints who touches what while the module is loaded: JSON, one touch a line.
const module = process.argv[2];

/** Where a touch comes from: the first frame outside of this file. */
function origin() {
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  return frames.find((frame) => !frame.includes('traps.mjs'))?.trim() ?? '';
}
const touch = (what) => process.stdout.write(`${JSON.stringify({ what, by: origin() })}\n`);

for (const name of ['Request', 'Response', 'Headers', 'AbortController', 'FormData', 'fetch', 'crypto']) {
  const { get, value } = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get() {
      touch(name);
      return get ? Reflect.apply(get, globalThis, []) : value;
    },
  });
}
for (const [owner, name] of [
  [globalThis, 'setTimeout'],
  [globalThis, 'setInterval'],
  [globalThis, 'queueMicrotask'],
  [Math, 'random'],
  [Date, 'now'],
]) {
  const original = owner[name];
  owner[name] = function trapped(...given) {
    touch(name);
    return Reflect.apply(original, this, given);
  };
}

await import(module);
