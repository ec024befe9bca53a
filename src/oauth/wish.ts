import type { AuthorizationServer } from 'oauth4webapi';
import { RefreshMisconfiguredError } from '../errors.js';
import type { StepUpNeed } from '../protocol/step-up.js';
import type { Wanted } from './authorization-request.js';

/** What a sign-in is for: nothing in particular, or what a challenge needs beyond the scope that is held. */
export interface Wish {
  readonly need?: StepUpNeed | undefined;
  readonly held?: string | undefined;
}

/**
 * What to ask the authorization server for: the challenge's scope, or else the resource's; after a challenge also what
 * was granted before (Model Context Protocol, authorization: scope selection and step-up).
 *
 * @param user A user is asked: then for offline access too, where the server has it.
 */
export function asked(
  { need, held }: Wish,
  scopes: readonly string[],
  server: AuthorizationServer,
  user: boolean,
): Omit<Wanted, 'redirectUri'> {
  if (need?.type === 'claims') {
    throw new RefreshMisconfiguredError(
      'The resource asks for claims, which only an app of its own can ask for',
    );
  }
  const before = need === undefined ? [] : (held?.split(' ') ?? []);
  const words = new Set([...before, ...scopes, ...(need?.type === 'scope' ? need.scope : [])]);
  words.delete('');
  const offline = user && words.size > 0 && server.scopes_supported?.includes('offline_access') === true;
  if (offline) words.add('offline_access');
  const scope = words.size > 0 ? [...words].join(' ') : undefined;
  const { acrValues, maxAge } = need?.type === 'authentication' ? need : {};
  return {
    scope,
    maxAge,
    more: {
      // OpenID Connect Core 1.0, section 11: without it offline access is not given.
      ...(offline && { prompt: 'consent' }),
      ...(acrValues && acrValues.length > 0 && { acr_values: acrValues.join(' ') }),
    },
  };
}
