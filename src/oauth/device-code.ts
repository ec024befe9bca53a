import { deviceAuthorizationRequest } from 'oauth4webapi';
import { RefreshMisconfiguredError, TokenResponseError } from '../errors.js';
import { expiryIn } from '../protocol/lifetime.js';
import { readText } from '../read-text.js';
import type { GrantContext } from '../session/grant.js';
import { endpointOf } from './endpoint.js';
import { jsonObject } from './json.js';
import { isTransient, later } from './later.js';
import type { Core } from './provider-core.js';
import { send } from './send.js';
import { atTokenEndpoint, oauthError } from './token-answer.js';
import { endpointFault } from './url.js';

/** No device code is waited for longer, whatever its server says, in milliseconds. */
export const longestMs = 1_800_000;
const shortestIntervalMs = 1_000;
/** RFC 8628, section 3.2: where the server names none. */
const usualIntervalMs = 5_000;

/** A device authorization response (RFC 8628, section 3.2). */
export interface DeviceCode {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly intervalMs: number;
}

/** Asks for a device code (RFC 8628, section 3.1), or hands back the answer of a server that is busy. */
export async function deviceCode(core: Core, context: GrantContext): Promise<DeviceCode | Response> {
  const { signal } = context;
  const fetch = core.fetchFor(context);
  const server = await core.server({ ...context, fetch });
  if (server instanceof Response) return server;
  const url = endpointOf(server, 'device_authorization_endpoint');
  const wanted = { ...core.target, ...(core.scope && { scope: core.scope }) };
  const response = await send(url, fetch, signal, (options) =>
    deviceAuthorizationRequest(server, core.client, core.clientAuth, wanted, options),
  );
  if (isTransient(response)) return later(response);
  const json = jsonObject(await readText(response));
  if (typeof json?.['error'] === 'string') throw oauthError(json, [core.secret], atTokenEndpoint);
  if (!response.ok) {
    const status = response.status || 'a redirect';
    throw new RefreshMisconfiguredError(
      `The device authorization endpoint answered with ${status}, without an OAuth error`,
    );
  }
  return readDeviceCode(json ?? {}, Date.now());
}

function readDeviceCode(json: Record<string, unknown>, now: number): DeviceCode {
  const expiresAt = expiryIn(json['expires_in'], now);
  const complete = json['verification_uri_complete'];
  const found = {
    device_code: isVisible(json['device_code'], 4_096) && json['device_code'],
    // Both are shown, on a terminal perhaps: nothing in them moves a cursor.
    user_code: isVisible(json['user_code'], 100) && json['user_code'],
    verification_uri: isPage(json['verification_uri']) && json['verification_uri'],
    expires_in: expiresAt !== undefined && expiresAt > now && Math.min(expiresAt, now + longestMs),
  };
  const issues = Object.entries(found)
    .filter(([, value]) => value === false)
    .map(([name]) => ({ message: 'is missing or not as it must be', path: [name] }));
  if (issues.length > 0) throw new TokenResponseError('This is no device authorization response', { issues });
  return {
    deviceCode: found.device_code as string,
    userCode: found.user_code as string,
    verificationUri: found.verification_uri as string,
    verificationUriComplete: isPage(complete) ? complete : undefined,
    expiresAt: found.expires_in as number,
    intervalMs: intervalMs(json['interval']),
  };
}

function intervalMs(given: unknown): number {
  const seconds = Number(given ?? Number.NaN);
  return seconds >= 0 ? Math.min(Math.max(seconds * 1_000, shortestIntervalMs), longestMs) : usualIntervalMs;
}

function isVisible(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.length <= longest && /^[ -~]+$/.test(value);
}

/** A web page that a user may be sent to; it may have a fragment. */
function isPage(value: unknown): value is string {
  return isVisible(value, 2_048) && endpointFault(value.replace(/#.*$/, '')) === undefined;
}
