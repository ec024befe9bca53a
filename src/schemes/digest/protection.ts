import type { Target } from '../scheme.js';
import type { Qop, Terms } from './terms.js';

/** How a request is protected, and over what. */
export interface Protection {
  readonly qop: Qop | undefined;
  /** The body that `auth-int` covers. */
  readonly bytes?: (() => Promise<Uint8Array>) | undefined;
}

/**
 * A body that can be read is covered where that is offered, a stream cannot be; undefined: no protection that is offered
 * can be given (RFC 7616, section 3.4: qop).
 */
export function protectionOf({ qops }: Terms, target: Target): Protection | undefined {
  if (qops === undefined) return { qop: undefined };
  const hasAuth = qops.includes('auth');
  if (!qops.includes('auth-int')) return { qop: 'auth' };
  const { body } = target;
  if (typeof body === 'function') return { qop: 'auth-int', bytes: body };
  if (hasAuth) return { qop: 'auth' };
  return body === 'none' ? { qop: 'auth-int' } : undefined;
}
