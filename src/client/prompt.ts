import type { BeforeRequestHook } from 'ky';
import { readSpace } from '../fetch/origins.js';
import { isInside } from '../fetch/url.js';
import { unlessAborted } from '../promise.js';
import { sessionCore } from '../protocol/session-core.js';
import { schemeOf } from '../schemes/auth.js';
import type { AuthPart } from './parts.js';

/**
 * ky's `timeout` is for servers. Where a user must be asked for the first tokens, that is waited for here, before its clock
 * starts; only the caller's signal and `totalTimeout` end that wait.
 */
export function waitForUser(auth: AuthPart): BeforeRequestHook | undefined {
  // before any challenge only the first scheme is asked
  const core = schemeOf([auth.auth].flat()[0])[sessionCore];
  if (core?.promptMs === undefined) return undefined;
  const { origins } = readSpace(auth);
  return async ({ request, options }) => {
    const { url, headers, signal } = request;
    const isPlain = (options as { auth?: unknown }).auth === false || headers.has('authorization');
    if (isPlain || !core.promptMs || !isInside(url, origins)) return;
    await unlessAborted(Promise.resolve(core.current(core.begin())), signal);
  };
}
