/** Options that cannot work: said at once, by the option's name. */
export function misuse(option: string, fault: string): never {
  throw new TypeError(`${option} ${fault}`);
}

/** A non-empty string that can be form-encoded; anything else is misuse. */
export function requireText(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') return misuse(option, 'must be a non-empty string');
  try {
    encodeURIComponent(value);
  } catch {
    return misuse(option, 'must be well-formed: it holds half of a surrogate pair');
  }
  return value;
}
