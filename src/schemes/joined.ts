import { SharedWork } from '../shared-work.js';

/** What is asked of the user's function, as long as it is. */
interface Asking<T> {
  asking?: SharedWork<T> | undefined;
}

/** One question at a time: who asks meanwhile joins. */
export function joined<T>(of: Asking<T>, ask: () => Promise<T>): Promise<T> {
  return wait(of, of.asking ?? begin(of, ask), ask);
}

function begin<T>(of: Asking<T>, ask: () => Promise<T>): SharedWork<T> {
  const asking = new SharedWork(ask());
  of.asking = asking;
  const done = () => {
    if (of.asking === asking) of.asking = undefined;
  };
  asking.promise.then(done, done);
  return asking;
}

function wait<T>(of: Asking<T>, asking: SharedWork<T>, ask: () => Promise<T>): Promise<T> {
  return asking.join(() => {
    // Asked again by the first who finds that its request has ended, for all who find it later.
    asking.next ??= of.asking === asking || !of.asking ? begin(of, ask) : of.asking;
    return wait(of, asking.next, ask);
  });
}
