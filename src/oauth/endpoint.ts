import type { AuthorizationServer } from 'oauth4webapi';
import { RefreshMisconfiguredError } from '../errors.js';
import { endpointFault, isHttps } from './url.js';

type Name =
  | 'authorization_endpoint'
  | 'device_authorization_endpoint'
  | 'end_session_endpoint'
  | 'pushed_authorization_request_endpoint'
  | 'registration_endpoint';

/**
 * An endpoint that the metadata name (RFC 8414, section 2), fit to be opened or to be sent credentials.
 *
 * @throws RefreshMisconfiguredError where there is none, or where it leads to a place not allowed.
 */
export function endpointOf(server: AuthorizationServer, name: Name): string {
  const url: unknown = server[name];
  const fault = typeof url === 'string' ? endpointFault(url) : 'is not known';
  if (fault) throw new RefreshMisconfiguredError(`The authorization server's ${name} ${fault}`);
  // An issuer reached over https does not lead to a neighbor on this machine.
  if (isHttps(server.issuer) && !isHttps(url as string)) {
    throw new RefreshMisconfiguredError(`The authorization server's ${name} must be https, as the issuer is`);
  }
  return url as string;
}
