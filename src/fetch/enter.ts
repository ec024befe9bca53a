import { isPromise, unlessAborted } from '../promise.js';
import type { Credentials } from '../protocol/credentials.js';
import { beginsInside } from '../protocol/protection-space.js';
import type { FetchLike, MaybePromise } from '../types.js';
import { Call } from './call.js';
import type { Corridor } from './corridor.js';
import { withFormText } from './form-text.js';
import { linesOf, setsAuthorization } from './headers.js';
import { firstAsked } from './refused.js';
import { check } from './settle.js';
import { transmit } from './transmit.js';
import { isAbsolute, isInside, readUrl } from './url.js';

type Input = Parameters<FetchLike>[0];
export type Init = (RequestInit & { auth?: false | undefined }) | undefined;

/** The way in for every shape of input; calls that are none of ours go to the fetch below as they are. */
export function enter(corridor: Corridor, input: Input, given: Init): Promise<Response> {
  const request = isRequest(input) ? input : undefined;
  const init = withFormText(request, given);
  const text = request?.url ?? String(input);
  const url = request === undefined ? locate(corridor, text) : text;
  const mode = init?.mode ?? request?.mode;
  const headers = init?.headers ?? request?.headers;
  const lines = headers && linesOf(headers);
  if (
    !isInside(url, corridor.origins) ||
    mode === 'no-cors' ||
    init?.auth === false ||
    (lines && setsAuthorization(lines))
  ) {
    return corridor.below()(url === text ? input : url, init);
  }
  const call = new Call(corridor, request, url, init);
  const rest = call.keep();
  if (request !== undefined) rest.lines = lines;
  rest.begin();
  call.via = firstAsked(call);
  return sendWith(call, corridor.schemes[call.via]?.credentials(rest.target(call.via)));
}

/** Waits for the credentials where they are not there yet, sends, and looks at what comes back. */
export function sendWith(call: Call, credentials: MaybePromise<Credentials | undefined>): Promise<Response> {
  call.keep();
  const sending = isPromise(credentials)
    ? unlessAborted(credentials, call.signal).then((ready) => transmitLate(call, ready))
    : transmit(call, credentials);
  return sending.then((response) => check(call, response));
}

/** A sign-out or another sign-in may have overtaken what was waited for: then the scheme is asked once more. */
function transmitLate(call: Call, ready: Credentials | undefined): Promise<Response> {
  const scheme = call.corridor.schemes[call.via];
  const target = call.keep().target(call.via);
  if (scheme?.begin === undefined || scheme.begin() === target.begun) return transmit(call, ready);
  const again = scheme.credentials(target);
  if (!isPromise(again)) return transmit(call, again);
  return unlessAborted(again, call.signal).then((other) => transmit(call, other));
}

/** Where text goes: absolute as it is, relative resolved against the base and never against the document. */
function locate({ base, origins }: Corridor, text: string): string {
  const url = beginsInside(text, origins) ? undefined : readUrl(text, base);
  if (url === undefined) return text;
  // what is inside and not in its plainest form is sent as it was judged
  return isAbsolute(text) && !origins.includes(url.origin) ? text : url.href;
}

/** By shape: another realm's Request is one too, and `URL` has neither member. */
function isRequest(input: Input): input is Request {
  return (
    typeof input === 'object' && 'url' in input && 'headers' in input && typeof input.clone === 'function'
  );
}
