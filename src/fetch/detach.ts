import { unlessAborted } from '../promise.js';
import type { Call } from './call.js';
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
  const { request, corridor, signal, lines } = call;
  if (request === undefined) return;
  const rest = call.keep();
  const members: Record<string, unknown> = { headers: lines };
  for (const name of MEMBERS) if (!DEFAULTS.includes(request[name])) members[name] = request[name];
  call.init = { ...(members as RequestInit), ...call.init };
  call.request = undefined;
  if (rest.payload === undefined && rest.single) {
    const bytes = await unlessAborted((rest.kept ?? request).arrayBuffer(), signal);
    if (bytes.byteLength > 0) rest.payload = repeatable(bytes, corridor.maxReplayBytes);
  }
}
