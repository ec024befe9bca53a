import { unlessAborted } from '../promise.js';
import type { Call } from './call.js';
import { detach } from './detach.js';
import { type Lines, withoutNames } from './headers.js';
import { initOf, withQuery } from './init.js';
import { setAside } from './set-aside.js';
import { readUrl } from './url.js';

/** As many as fetch follows (Fetch, section 4.4). */
const MAX_HOPS = 20;

/** Follows redirects hop by hop, because fetch would hand these credentials on to another origin. */
export async function followByHand(
  call: Call,
  input: string | Request,
  init: RequestInit,
): Promise<Response> {
  const rest = call.keep();
  let response = await call.corridor.below()(input, { ...init, redirect: 'manual' });
  for (let hops = 0; ; hops++) {
    if (response.type === 'opaqueredirect') {
      throw new TypeError(
        'The server redirected, and this platform does not tell where: credentials stay here',
      );
    }
    const location = isRedirect(response.status) ? response.headers.get('location') : null;
    if (location === null) {
      return hops === 0 ? response : Object.defineProperty(response, 'redirected', { value: true });
    }
    const { status } = response;
    rest.stop(setAside(response));
    if (hops === MAX_HOPS) throw new TypeError(`The server redirected more than ${MAX_HOPS} times`);
    const { signal } = call;
    await detach(call);
    moveTo(call, location, status);
    const scheme = call.corridor.schemes[call.via];
    call.sent = rest.left
      ? undefined
      : await unlessAborted(Promise.resolve(scheme?.credentials(rest.target(call.via))), signal);
    const next = initOf(call, call.sent);
    response = await call.corridor.below()(withQuery(call.url, call.sent), { ...next, redirect: 'manual' });
  }
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/** RFC 9110, section 15.4: what becomes of URL, method, body and headers. */
function moveTo(call: Call, location: string, status: number): void {
  const rest = call.keep();
  const from = readUrl(call.url);
  const to = readUrl(location, call.url);
  if (to === undefined) throw new TypeError('The server redirected to something that is no http(s) URL');
  const { method } = call;
  const init = { ...call.init };
  let lines = init.headers as Lines | undefined;
  const becomesGet =
    status === 303 ? method !== 'GET' && method !== 'HEAD' : status < 303 && method === 'POST';
  if (becomesGet) {
    init.method = 'GET';
    rest.payload = undefined;
    lines = lines && withoutNames(lines, BODY_FIELDS);
  } else if (rest.payload?.spent) {
    throw new TypeError('The server redirected a request whose body can be sent only once');
  }
  if (from?.origin !== to.origin) lines = lines && withoutNames(lines, OWN_FIELDS);
  if (lines !== undefined) init.headers = lines as HeadersInit;
  call.init = init;
  call.url = to.href;
  call.input = to.href;
  if (!call.corridor.origins.includes(to.origin)) rest.left = true;
}

const BODY_FIELDS = [
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
  'content-length',
];
/** What is meant for the first origin only, and what fetch drops or browsers do not let scripts set. */
const OWN_FIELDS = ['authorization', 'proxy-authorization', 'cookie', 'host'];
