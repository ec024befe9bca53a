/** What a probe finds of a platform's class or function; anew where another is put in its place. */
export function probed<T>(probe: (subject: T) => boolean): (subject: T) => boolean {
  let last: { readonly subject: T; readonly found: boolean } | undefined;
  return (subject) => {
    if (last === undefined || last.subject !== subject) last = { subject, found: probe(subject) };
    return last.found;
  };
}
