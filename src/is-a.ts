/** Whether a value is what the platform calls so: by its tag, or by its type, because React Native's have no tag. */
export function isA(
  value: unknown,
  name: 'ArrayBuffer' | 'Blob' | 'File' | 'FormData' | 'URLSearchParams',
): boolean {
  const type: unknown = globalThis[name];
  return (
    Object.prototype.toString.call(value) === `[object ${name}]` ||
    (typeof type === 'function' && value instanceof type)
  );
}
