import type { Credentials } from '../protocol/credentials.js';
import type { Call } from './call.js';
import { detach } from './detach.js';
import type { Lines } from './headers.js';
import { brake, initOf, withQuery } from './init.js';
import { followByHand } from './redirect.js';

/** Sends the call with these credentials: the first time, or again. */
export function transmit(call: Call, credentials: Credentials | undefined): Promise<Response> {
  const rest = call.keep();
  const { request } = call;
  rest.sendings++;
  rest.byHand =
    credentials !== undefined &&
    call.corridor.schemes[call.via]?.redirects === 'by-hand' &&
    (call.init?.redirect ?? request?.redirect ?? 'follow') === 'follow';
  call.sent = credentials;
  return request === undefined || credentials?.query === undefined
    ? send(call)
    : detach(call).then(() => send(call));
}

function send(call: Call): Promise<Response> {
  const { corridor, request, sent, url } = call;
  const init = initOf(call, sent);
  const input = request === undefined ? withQuery(url, sent) : takeRequest(call, request, init);
  return call.rest?.byHand ? followByHand(call, input, init) : corridor.below()(input, init);
}

/** The Request to send: a copy is made before its twin is sent. */
function takeRequest(call: Call, original: Request, init: RequestInit): Request {
  const rest = call.keep();
  if (!rest.single) return original;
  let request = original;
  if (rest.sendings > 1) {
    request = rest.kept ?? original;
    rest.kept = request.clone();
  } else if (call.corridor.replays || rest.byHand) {
    rest.keepCopy(original);
  }
  if (!isText(rest.lines) && original.body) init.signal = brake(call);
  return request;
}

/** Such a body is there whole when the Request is made: its sending ends by itself, and a signal for it costs 5 µs. */
function isText(lines: Lines | undefined): boolean {
  return /^application\/(?:json|x-www-form-urlencoded)\b/.test(lines?.['content-type'] ?? '');
}
