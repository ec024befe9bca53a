import type { Scheme } from '../schemes/scheme.js';
import type { Call } from './call.js';
import { peekInto } from './peek.js';

/** The everyday case in few steps: one scheme, and a status that refuses nothing. */
export function isPlainlyTaken(call: Call, response: Response): boolean {
  const { schemes, isUnauthorized } = call.corridor;
  const { status } = response;
  if (status === 401 || status === 403 || schemes.length > 1 || isUnauthorized !== undefined) return false;
  const scheme = schemes[0] as Scheme;
  if (scheme.learn !== undefined) scheme.learn(call.sent, call, response);
  return true;
}

/** Tells the schemes of a response, and whether it refuses: 401, 403 that says what it lacks, or what the user recognizes. */
export function isRefused(call: Call, response: Response): boolean | Promise<boolean> {
  const { isUnauthorized } = call.corridor;
  if (response.status === 401 || isUnauthorized === undefined) return judge(call, response, false);
  return (async () => judge(call, response, await isUnauthorized(response, peekInto(response))))();
}

function judge(call: Call, response: Response, unauthorized: boolean): boolean {
  const { status } = response;
  // a 200 that refuses is no acceptance
  if (!unauthorized) learn(call, response);
  if (unauthorized || status === 401) {
    call.keep().unauthorized = true;
    return true;
  }
  if (status === 403 && response.headers.get('www-authenticate')) {
    call.keep().unauthorized = false;
    return true;
  }
  if (call.sent !== undefined && status < 500) remember(call);
  return false;
}

function learn(call: Call, response: Response): void {
  const { corridor, via, sent } = call;
  const { schemes } = corridor;
  for (let i = 0; i < schemes.length; i++) {
    const scheme = schemes[i];
    if (scheme?.learn === undefined) continue;
    const target = schemes.length === 1 ? call : call.keep().target(i);
    scheme.learn(i === via ? sent : undefined, target, response);
  }
}

/** As many origins as are remembered. */
const MOST_ORIGINS = 100;

function remember({ corridor, via, url }: Call): void {
  const { schemes, worked } = corridor;
  if (schemes.length === 1) return;
  const origin = /^[^/]*\/\/[^/?#]*/.exec(url)?.[0] ?? '';
  worked.delete(origin);
  worked.set(origin, via);
  if (worked.size > MOST_ORIGINS) worked.delete(worked.keys().next().value as string);
}

/** Which scheme is asked before any challenge: the one that worked here, or the first. */
export function firstAsked({ corridor, url }: Call): number {
  if (corridor.schemes.length === 1) return 0;
  return corridor.worked.get(/^[^/]*\/\/[^/?#]*/.exec(url)?.[0] ?? '') ?? 0;
}
