import { andThen } from '../promise.js';
import type { MaybePromise } from '../types.js';
import { Aside } from './aside.js';
import type { Call } from './call.js';
import { report } from './report.js';

/** Lets the scheme that was sent look at the server's proof: a doubt is reported, and thrown where that was asked for. */
export function verify(call: Call, response: Response): MaybePromise<void> {
  const { corridor, sent, via } = call;
  const doubt = sent && corridor.schemes[via]?.verify?.(sent, response);
  if (doubt === undefined) return;
  return andThen(doubt, (found) => {
    if (found === undefined) return;
    report(call, { type: 'server-not-verified', reason: found.reason });
    if (found.error === undefined) return;
    call.keep().end(new Aside(response));
    throw found.error;
  });
}
