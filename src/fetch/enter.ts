import { isPromise, unlessAborted } from '../promise.js';
import { beginsInside } from '../protocol/protection-space.js';
import type { FetchLike } from '../types.js';
import { Call } from './call.js';
import type { Corridor } from './corridor.js';
import { setsAuthorization } from './headers.js';
import { firstAsked } from './refused.js';
import { check } from './settle.js';
import { transmit } from './transmit.js';
import { isAbsolute, readUrl, resolve } from './url.js';

type Input = Parameters<FetchLike>[0];
export type Init = (RequestInit & { auth?: false | undefined }) | undefined;

/** The way in for every shape of input; calls that are none of ours go to the fetch below as they are. */
export function enter(corridor: Corridor, input: Input, init: Init): Promise<Response> {
  const request = isRequest(input) ? input : undefined;
  const given = request?.url ?? String(input);
  const url = request === undefined ? locate(corridor, given) : given;
  const mode = init?.mode ?? request?.mode;
  const headers = init?.headers ?? request?.headers;
  const inside = beginsInside(url, corridor.origins) || corridor.origins.includes(readUrl(url)?.origin ?? '');
  if (!inside || mode === 'no-cors' || init?.auth === false || (headers && setsAuthorization(headers))) {
    return corridor.below()(url === given ? input : url, init);
  }
  const call = new Call(corridor, request ?? url, url, init);
  return begin(call);
}

function begin(call: Call): Promise<Response> {
  const { corridor } = call;
  const rest = call.keep();
  rest.begin();
  call.via = firstAsked(call);
  const scheme = corridor.schemes[call.via];
  const credentials = scheme?.credentials(rest.target(call.via));
  if (!isPromise(credentials)) return transmit(call, credentials).then((response) => check(call, response));
  return unlessAborted(credentials, call.signal)
    .then((ready) => transmit(call, ready))
    .then((response) => check(call, response));
}

/** Where text goes: absolute as it is, relative resolved against the base and never against the document. */
function locate(corridor: Corridor, text: string): string {
  if (isAbsolute(text) || corridor.base === undefined) {
    // what is not in its plainest form is sent as it was judged
    return beginsInside(text, corridor.origins) ? text : (insideHref(corridor, text) ?? text);
  }
  return resolve(text, corridor.base) ?? text;
}

function insideHref({ origins }: Corridor, text: string): string | undefined {
  const url = readUrl(text);
  return url !== undefined && origins.includes(url.origin) ? url.href : undefined;
}

/** By shape: another realm's Request is one too, and `URL` has neither member. */
function isRequest(input: Input): input is Request {
  return (
    typeof input === 'object' && 'url' in input && 'headers' in input && typeof input.clone === 'function'
  );
}
