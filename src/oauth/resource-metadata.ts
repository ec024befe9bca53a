import { RefreshMisconfiguredError } from '../errors.js';
import { type Challenge, parseChallenges } from '../protocol/challenge.js';
import { beginsInside, originByText } from '../protocol/protection-space.js';
import { discard } from '../read-text.js';
import type { GrantContext } from '../session/grant.js';
import { readMetadata } from './discovery.js';
import { isTransient, later } from './later.js';
import { endpointFault } from './url.js';

const wellKnown = '/.well-known/oauth-protected-resource';

/** What a protected resource says of itself (RFC 9728, section 2), as far as it is used. */
export interface ResourceMetadata {
  /** As the document writes it. */
  readonly resource: string;
  readonly issuers: readonly string[];
  /** What the challenge asks for, or else all that the resource knows. */
  readonly scope: readonly string[];
}

/**
 * The metadata of a resource: where its challenge says (RFC 9728, section 5.1), or else at the well-known places.
 * A Response: somebody is busy; null: it has none, and asks for no credentials.
 *
 * @throws RefreshMisconfiguredError where there are none that may be used.
 */
export async function resourceMetadata(
  resource: string,
  context: GrantContext,
): Promise<ResourceMetadata | Response | null> {
  const found = context.challenge ?? (await challengeOf(resource, context));
  if (found instanceof Response) return found;
  const challenge = found === null ? undefined : found;
  const named = challenge?.params['resource_metadata'];
  if (named !== undefined) assertOwn(named, resource);
  let fault = '';
  for (const place of named === undefined ? places(resource) : [{ url: named, about: undefined }]) {
    const document = await readMetadata(place.url, context.fetch, context.signal);
    if (document instanceof Response) return document;
    const read = typeof document === 'string' ? document : judge(document, resource, place.about, challenge);
    if (typeof read !== 'string') return read;
    fault ||= read;
  }
  if (found === null) return null;
  throw new RefreshMisconfiguredError(`The resource does not say who authorizes its users: ${fault}`);
}

/** Asks as a stranger does; null: the resource lets strangers in. */
async function challengeOf(
  resource: string,
  { fetch, signal }: GrantContext,
): Promise<Challenge | Response | null | undefined> {
  const response = await fetch(resource, {
    // A stream where the resource is a Model Context Protocol server: it is not read.
    headers: { accept: 'application/json, text/event-stream' },
    redirect: 'manual',
    credentials: 'omit',
    signal,
  });
  if (isTransient(response)) return later(response);
  discard(response);
  if (response.status !== 401) return null;
  const challenges = parseChallenges(response.headers.get('www-authenticate'));
  return challenges.find(({ params }) => params['resource_metadata'] !== undefined) ?? challenges[0];
}

function assertOwn(url: string, resource: string): void {
  const fault =
    endpointFault(url) ??
    (originByText(url) === originByText(resource) ? undefined : "must be of the resource's own origin");
  if (fault) throw new RefreshMisconfiguredError(`The challenge's resource_metadata ${fault}`);
}

/** RFC 9728, section 3.1: inserted before the path; and the root's, which speaks for the whole origin. */
function places(resource: string): readonly { url: string; about: string }[] {
  const origin = originByText(resource) as string;
  const rest = resource.slice(origin.length);
  const root = { url: origin + wellKnown, about: origin };
  if (rest === '' || rest === '/') return [{ ...root, about: resource }];
  return [{ url: origin + wellKnown + rest.replace(/^\/\?/, '?'), about: resource }, root];
}

/** @param about What a well-known document must be about; undefined: the challenge has named it. */
function judge(
  document: Record<string, unknown>,
  resource: string,
  about: string | undefined,
  challenge: Challenge | undefined,
): ResourceMetadata | string {
  const { resource: named, authorization_servers: servers, bearer_methods_supported: methods } = document;
  if (typeof named !== 'string' || !isAbout(named, about ?? resource, about !== undefined)) {
    return 'the metadata are of another resource';
  }
  if (Array.isArray(methods) && !methods.includes('header')) return 'it takes no tokens in headers';
  const issuers = texts(servers);
  if (issuers.length === 0) return 'the metadata name no authorization server';
  const asked = challenge?.params['scope'];
  const scope = asked === undefined ? texts(document['scopes_supported']) : asked.split(' ');
  // RFC 6750, section 3: what else is in there is no scope.
  return { resource: named, issuers, scope: scope.filter((word) => /^[!#-[\]-~]+$/.test(word)) };
}

/** The same, letter by letter; in a document that a challenge has named, also a path above on the same origin. */
function isAbout(named: string, resource: string, exactly: boolean): boolean {
  const bare = named.replace(/\/$/, '');
  if (exactly)
    return named === resource || (bare === originByText(resource) && bare === resource.replace(/\/$/, ''));
  return (
    named === resource ||
    (!/[?#]/.test(named) && originByText(named) === originByText(resource) && beginsInside(resource, [bare]))
  );
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string').slice(0, 100) : [];
}
