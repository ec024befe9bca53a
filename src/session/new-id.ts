/** An id that no other sign-in has; no secret. Insecure pages and React Native have no crypto.randomUUID. */
export function newId(): string {
  const platform = (globalThis as { crypto?: { randomUUID?: () => string } }).crypto;
  return platform?.randomUUID?.() ?? Array.from({ length: 3 }, random).join('');
}

function random(): string {
  return Math.random().toString(36).slice(2).padEnd(12, '0');
}
