import { unlessAborted } from '../promise.js';
import { Aside } from './aside.js';
import type { Call } from './call.js';
import { detach } from './detach.js';
import { type Lines, withoutNames } from './headers.js';
import { initOf, withQuery } from './init.js';
import { followedTo } from './place.js';
import { isInside, readUrl } from './url.js';
import { verify } from './verify.js';

/** As many as fetch follows (Fetch, section 4.4). */
const MAX_HOPS = 20;

/** Follows redirects hop by hop, because fetch would hand these credentials on to another origin. */
export async function followByHand(
  call: Call,
  first: string | Request,
  firstInit: RequestInit,
): Promise<Response> {
  const { corridor } = call;
  const rest = call.keep();
  let input = first;
  let init = firstInit;
  for (let hops = 0; ; hops++) {
    const response = await corridor.below()(input, { ...init, redirect: 'manual' });
    const { status, type } = response;
    const final = followedTo(response, typeof input === 'string' ? input : input.url);
    if (final !== undefined) return ledThere(call, response, final);
    if (type === 'opaqueredirect') {
      throw new TypeError('The server redirected, and this platform does not tell where');
    }
    const location = [301, 302, 303, 307, 308].includes(status) ? response.headers.get('location') : null;
    if (location === null) {
      return hops === 0 ? response : Object.defineProperty(response, 'redirected', { value: true });
    }
    // a redirect teaches what it says
    corridor.schemes[call.via]?.learn?.(call.sent, rest.target(call.via), response);
    await verify(call, response);
    rest.stop(new Aside(response));
    if (hops === MAX_HOPS) throw new TypeError(`The server redirected more than ${MAX_HOPS} times`);
    const { signal } = call;
    await detach(call);
    moveTo(call, location, status);
    const credentials = rest.left
      ? undefined
      : corridor.schemes[call.via]?.credentials(rest.target(call.via));
    call.sent = await unlessAborted(Promise.resolve(credentials), signal);
    init = initOf(call, call.sent);
    input = withQuery(call.url, call.sent);
  }
}

/** React Native follows by itself, whatever it is told, and on Android with every header but Authorization. */
function ledThere(call: Call, response: Response, final: string): Response {
  const rest = call.keep();
  if (isInside(final, call.corridor.origins)) {
    rest.byHand = false;
    return response;
  }
  if (Object.keys(call.sent?.headers ?? {}).some((name) => name.toLowerCase() !== 'authorization')) {
    rest.stop(new Aside(response));
    const to = readUrl(final)?.origin ?? 'another origin';
    throw new TypeError(`The server redirected to ${to}, where this platform may have taken the credentials`);
  }
  rest.left = true;
  call.sent = undefined;
  return response;
}

/** RFC 9110, section 15.4: what becomes of URL, method, body and headers. */
function moveTo(call: Call, location: string, status: number): void {
  const { corridor, method, url } = call;
  const rest = call.keep();
  const to = readUrl(location, url);
  if (to === undefined) throw new TypeError('The server redirected to something that is no http(s) URL');
  const init = { ...call.init };
  const dropped: string[] = [];
  if (status === 303 ? !/^(?:GET|HEAD)$/.test(method) : status < 303 && method === 'POST') {
    init.method = 'GET';
    rest.payload = undefined;
    dropped.push(...BODY_FIELDS);
  } else if (rest.payload?.spent) {
    throw new TypeError('The server redirected a request whose body can be sent only once');
  }
  if (readUrl(url)?.origin !== to.origin) dropped.push(...OWN_FIELDS);
  if (init.headers) init.headers = withoutNames(init.headers as Lines, dropped);
  call.init = init;
  call.url = to.href;
  call.request = undefined;
  if (!corridor.origins.includes(to.origin)) rest.left = true;
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
