import type { Acquire, GrantContext, Renewed } from '../session/grant.js';
import { type DeviceCode, deviceCode, longestMs } from './device-code.js';
import { polled } from './device-polling.js';
import { misuse } from './misuse.js';
import type { ProviderOptions } from './options.js';
import { coreOf, type Provider } from './provider.js';
import type { Core } from './provider-core.js';
import { within } from './within.js';

const requestMs = 15_000;

/** What the user is shown (RFC 8628, section 3.3). */
export interface DevicePrompt {
  /** To be entered at `verificationUri`. Printable ASCII. */
  readonly userCode: string;
  /** https, or loopback. */
  readonly verificationUri: string;
  /** The same with the code in it, for a QR code or a link; not every server has it. */
  readonly verificationUriComplete: string | undefined;
  /** Until when, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** How the user learns of the code. */
export interface DeviceAuthorizationOptions {
  /** Called once for every code, before the first question. What it throws ends the sign-in. */
  show(prompt: DevicePrompt): void;
}

/**
 * Signs a user in on another device (RFC 8628): a command line, a television.
 *
 * Asks every 5 seconds, or as seldom as the server says, until the user has decided or the code has run out (after 30
 * minutes at most). Whoever called waits so long, or until its own signal aborts; `session.close()` ends the asking.
 *
 * @throws RefreshRejectedError with `error` `access_denied` or `expired_token`, where nobody signed in.
 * @throws RefreshMisconfiguredError, TokenResponseError as {@link refreshTokenGrant}.
 * @throws TypeError naming an option that cannot work, when it is made.
 * @example
 * ```ts
 * const session = createSession({
 *   acquire: deviceAuthorization(idp, {
 *     show: ({ verificationUri, userCode }) => console.error(`Open ${verificationUri} and enter ${userCode}`),
 *   }),
 *   refresh: refreshTokenGrant(idp),
 * });
 * await session.signIn();
 * ```
 */
export function deviceAuthorization(
  provider: Provider | ProviderOptions,
  options: DeviceAuthorizationOptions,
): Acquire {
  const core = coreOf(provider);
  const show = options?.show;
  if (typeof show !== 'function') misuse('show', 'must be a function');
  const acquire: Acquire = async (context) => {
    const code = await within(requestMs, context.signal, (signal) =>
      deviceCode(core, { ...context, signal }),
    );
    if (code instanceof Response) return code;
    const { userCode, verificationUri, verificationUriComplete, expiresAt } = code;
    const prompt: DevicePrompt = { userCode, verificationUri, verificationUriComplete, expiresAt };
    return within(longestMs, context.signal, (signal) =>
      decided(prompt, show, core, code, { ...context, signal }),
    );
  };
  return Object.assign(acquire, { boundTo: core.boundTo, promptMs: longestMs + requestMs });
}

/** Shows the code and asks; a user who has been shown nothing is not waited for, also where `show` is async. */
async function decided(
  prompt: DevicePrompt,
  show: (prompt: DevicePrompt) => unknown,
  core: Core,
  code: DeviceCode,
  context: GrantContext,
): Promise<Renewed> {
  const asking = new AbortController();
  const stop = (): void => asking.abort(context.signal.reason);
  context.signal.addEventListener('abort', stop);
  try {
    const shown = Promise.resolve(show(prompt));
    const unseen = new Promise<never>((_, reject) => {
      shown.then(undefined, reject);
    });
    return await Promise.race([polled(core, code, { ...context, signal: asking.signal }), unseen]);
  } finally {
    context.signal.removeEventListener('abort', stop);
    asking.abort();
  }
}
