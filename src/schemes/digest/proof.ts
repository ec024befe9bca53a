import { ServerNotVerifiedError } from '../../errors.js';
import type { MaybePromise } from '../../types.js';
import type { Doubt } from '../scheme.js';
import { isProof, readInfo } from './authentication-info.js';
import { readCopy } from './read-copy.js';
import type { Sent } from './sent.js';

/**
 * What is wrong with the server's proof (RFC 7616, section 3.5: rspauth). Over a body it is looked at only where it is
 * demanded: that body must be read whole before the response is handed on.
 */
export function doubtAbout(
  sent: Sent,
  response: Response,
  isDemanded: boolean,
): MaybePromise<Doubt | undefined> {
  const doubt = (reason: Doubt['reason']): Doubt => ({
    reason,
    error: isDemanded ? new ServerNotVerifiedError(reason) : undefined,
  });
  const info = readInfo(response);
  if (info['rspauth'] === undefined) return isDemanded && response.ok ? doubt('absent') : undefined;
  const check = (body: string | Uint8Array) =>
    isProof(info, sent, sent.lane.terms.hash(body)) ? undefined : doubt('mismatch');
  if (sent.qop !== 'auth-int' || response.body === null) return check('');
  if (!isDemanded) return undefined;
  return readCopy(response).then((bytes) => (bytes === undefined ? doubt('unreadable') : check(bytes)));
}
