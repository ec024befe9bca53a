import { andThen } from '../promise.js';
import { originText } from '../protocol/path-space.js';
import type { MaybePromise } from '../types.js';
import type { Call } from './call.js';
import { peekInto } from './peek.js';
import { verify } from './verify.js';

/** As many origins as are remembered. */
const MOST_ORIGINS = 100;

/** The everyday case in few steps: one scheme, and a status that refuses nothing. */
export function isPlainlyTaken(call: Call, response: Response): boolean {
  const { schemes, isUnauthorized } = call.corridor;
  const { status } = response;
  if (status === 401 || status === 403 || schemes.length > 1 || isUnauthorized !== undefined) return false;
  if (schemes[0]?.verify !== undefined) return false;
  schemes[0]?.learn?.(call.sent, call, response);
  return true;
}

/** Tells the schemes of a response, and whether it refuses: 401, 403 that says what it lacks, or what the user recognizes. */
export function isRefused(call: Call, response: Response): MaybePromise<boolean> {
  const { isUnauthorized } = call.corridor;
  if (isUnauthorized === undefined || response.status === 401) return judge(call, response, false);
  return (async () => judge(call, response, await isUnauthorized(response, peekInto(response))))();
}

function judge(call: Call, response: Response, recognized: boolean): MaybePromise<boolean> {
  const { corridor, sent, via } = call;
  const { schemes } = corridor;
  const isOnly = schemes.length === 1;
  // a 200 that refuses is no acceptance
  for (let i = 0; i < schemes.length && !recognized; i++) {
    const scheme = schemes[i];
    if (scheme?.learn === undefined) continue;
    scheme.learn(i === via ? sent : undefined, isOnly ? call : call.keep().target(i), response);
  }
  return andThen(verify(call, response), () => isRefusal(call, response, recognized));
}

function isRefusal(call: Call, response: Response, recognized: boolean): boolean {
  const { corridor, sent } = call;
  const { status } = response;
  const unauthorized = recognized || status === 401;
  if (unauthorized || (status === 403 && response.headers.get('www-authenticate'))) {
    call.keep().unauthorized = unauthorized;
    return true;
  }
  if (corridor.schemes.length > 1 && sent !== undefined && status < 500) remember(call);
  return false;
}

/** What was asked for and then taken is sent unasked the next time. What nobody asked for may have been ignored. */
function remember({ corridor: { worked }, url, via, rest }: Call): void {
  const origin = originText(url);
  if (rest?.attempts.length === 0 && worked.get(origin) !== via) return;
  worked.delete(origin);
  worked.set(origin, via);
  if (worked.size > MOST_ORIGINS) worked.delete(worked.keys().next().value as string);
}

/** What worked here does so no more: it was refused, and nothing was left to try. */
export function forget({ corridor: { schemes, worked }, url, via, rest }: Call): void {
  if (schemes.length === 1 || !rest?.unauthorized) return;
  const origin = originText(url);
  if (worked.get(origin) === via) worked.delete(origin);
}

/** Which scheme is asked before any challenge: the one that worked here, or the first. */
export function firstAsked({ corridor: { schemes, worked }, url }: Call): number {
  return schemes.length === 1 ? 0 : (worked.get(originText(url)) ?? 0);
}
