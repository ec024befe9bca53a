/** What is asked of the user's function, as long as it is. */
interface Asking<T> {
  asking?: Promise<T> | undefined;
}

/** One question at a time: who asks meanwhile joins. */
export function joined<T>(of: Asking<T>, ask: () => Promise<T>): Promise<T> {
  if (of.asking !== undefined) return of.asking;
  const asking = ask();
  of.asking = asking;
  const done = () => {
    of.asking = undefined;
  };
  asking.then(done, done);
  return asking;
}
