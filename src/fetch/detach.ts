import { unlessAborted } from '../promise.js';
import type { Call } from './call.js';
import { copyLines } from './headers.js';
import { repeatable } from './repeatable.js';

const MEMBERS = [
  'method',
  'cache',
  'credentials',
  'integrity',
  'keepalive',
  'mode',
  'redirect',
  'referrer',
  'referrerPolicy',
  'signal',
] as const;

/** What a platform says of a Request that was made without it, and may refuse when told so. */
const DEFAULTS: readonly unknown[] = ['', 'default', 'navigate', 'about:client', undefined, null];

/** Makes a call that was given as a Request one of text and init: the same request at another URL. */
export async function detach(call: Call): Promise<void> {
  const { request, corridor } = call;
  if (request === undefined) return;
  const rest = call.keep();
  const { signal } = call;
  const members: Record<string, unknown> = {};
  for (const name of MEMBERS) if (!DEFAULTS.includes(request[name])) members[name] = request[name];
  const lines = copyLines(request.headers);
  call.init = { ...(members as RequestInit), headers: lines as HeadersInit, ...call.init };
  call.input = call.url;
  if (rest.payload === undefined && rest.single) {
    const bytes = await unlessAborted((rest.kept ?? request).arrayBuffer(), signal);
    if (bytes.byteLength > 0) rest.payload = repeatable(bytes, corridor.maxReplayBytes);
  }
}
