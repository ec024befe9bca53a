import type { Credentials } from '../protocol/credentials.js';
import type { Call } from './call.js';
import { detach } from './detach.js';
import { copyLines, type Lines, withCredentials } from './headers.js';
import { brake, initOf, withBody, withQuery } from './init.js';
import { followByHand } from './redirect.js';

/** Sends the call with these credentials: the first time, or again. */
export function transmit(call: Call, credentials: Credentials | undefined): Promise<Response> {
  const rest = call.keep();
  rest.sendings++;
  rest.byHand = credentials !== undefined && isByHand(call);
  call.sent = credentials;
  if (call.request === undefined) return sendText(call, credentials);
  if (credentials?.query !== undefined) return detach(call).then(() => sendText(call, credentials));
  return sendRequest(call, call.request);
}

function isByHand(call: Call): boolean {
  return (
    call.corridor.schemes[call.via]?.redirects === 'by-hand' &&
    (call.init?.redirect ?? call.request?.redirect ?? 'follow') === 'follow'
  );
}

function sendText(call: Call, credentials: Credentials | undefined): Promise<Response> {
  return hand(call, withQuery(call.url, credentials), initOf(call, credentials));
}

function sendRequest(call: Call, original: Request): Promise<Response> {
  const { corridor, init, sent } = call;
  const rest = call.keep();
  const next = withBody(call, { ...init });
  let request = original;
  if (rest.single) {
    // the copy is made before its twin is sent, and before credentials are written on it
    if (rest.sendings > 1) {
      request = rest.kept ?? original;
      rest.kept = request.clone();
    } else if (corridor.replays || rest.byHand) {
      rest.keepCopy(original);
    }
    if (original.body && !isText(original)) next.signal = brake(call);
  }
  if (sent?.headers !== undefined) {
    const lines = (init?.headers as Lines | undefined) ?? copyLines(request.headers);
    next.headers = withCredentials(lines, sent) as HeadersInit;
  }
  if (sent?.cookies) next.credentials = 'include';
  return hand(call, request, next);
}

/** Such a body is there whole when the Request is made: its sending ends by itself, and a signal for it costs 5 µs. */
function isText({ headers }: Request): boolean {
  return /^application\/(?:json|x-www-form-urlencoded)\b/.test(headers.get('content-type') ?? '');
}

function hand(call: Call, input: string | Request, init: RequestInit): Promise<Response> {
  return call.rest?.byHand ? followByHand(call, input, init) : call.corridor.below()(input, init);
}
