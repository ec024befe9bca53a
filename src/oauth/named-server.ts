import { originByText } from '../protocol/protection-space.js';
import { endpointFault } from './url.js';

/**
 * Names that mean this machine or this network: nobody outside can own one (RFC 6761, RFC 6762, RFC 8375). Resolvers of
 * Linux systems know `localhost.localdomain`, those of clusters `svc`.
 */
const inside =
  /(?:^|\.)(?:localhost|localdomain\d?|local|internal|intranet|lan|home|corp|svc|test|home\.arpa)$/;

/**
 * Why a URL that somebody else's document names is not to be asked (RFC 9728, section 7.7), or undefined. Addresses
 * are refused in every notation, public ones too: servers have names.
 *
 * @param nearby Loopback is allowed: who named the URL is there too.
 */
export function namedFault(url: unknown, nearby: boolean): string | undefined {
  const fault = typeof url === 'string' ? endpointFault(url) : 'must be an absolute https URL';
  if (fault) return fault;
  const host = hostOf(url as string);
  if (host === undefined) return 'must have a plain host name';
  if (isLoopback(host)) return nearby ? undefined : 'must not be on this machine';
  const last = host.slice(host.lastIndexOf('.') + 1);
  const numbered = host.startsWith('[') || /^(?:\d+|0x[\da-f]*)$/.test(last);
  if (numbered || !host.includes('.') || inside.test(host)) return 'must not be in a private network';
  return undefined;
}

/** Whether a URL leads to this machine. */
export function isNearby(url: string): boolean {
  return isLoopback(hostOf(url) ?? '');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function hostOf(url: string): string | undefined {
  const origin = originByText(url);
  return /^https?:\/\/(\[[^\]]*\]|[^:]+)/.exec(origin ?? '')?.[1]?.replace(/\.+$/, '');
}
