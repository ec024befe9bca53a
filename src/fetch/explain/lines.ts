import type { Challenge } from '../../protocol/challenge.js';
import type { Seen } from './seen.js';
import { schemeName, shown } from './shown.js';
import { span } from './span.js';
import { TOLD_MS } from './token-causes.js';
import type { Try } from './told.js';

/** The params that say something to a reader, in this order. */
const PARAMS = [
  'realm',
  'error',
  'error_description',
  'scope',
  'acr_values',
  'max_age',
  'claims',
  'algs',
  'resource_metadata',
];
const MOST = 5;

/** What the server asked for, as given. */
export function asked({ challenges }: Seen): string {
  if (challenges.length === 0) return 'nothing that can be read: no WWW-Authenticate';
  const texts = challenges.slice(0, MOST).map(challengeText);
  const more = challenges.length - texts.length;
  return `${texts.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function challengeText({ scheme, params }: Challenge): string {
  const given = PARAMS.filter((name) => params[name] !== undefined);
  return [schemeName(scheme), ...given.map((name) => `${name} "${shown(params[name])}"`)].join(', ');
}

/** What was sent, and how old it was when it was refused. */
export function sent({ outcome, last, facts }: Seen): string | undefined {
  if (outcome === undefined) return undefined;
  const { sendings } = outcome;
  const times = sendings === 1 ? 'once' : `${sendings} times`;
  if (facts === undefined) return times;
  if (last?.scheme === undefined) return `${times}, without credentials`;
  const isKnown = Object.hasOwn(WHAT, last.scheme);
  const what = isKnown ? WHAT[last.scheme] : `credentials of the scheme ${schemeName(last.scheme)}`;
  return `${times}${sendings === 1 ? '' : ', the last'} with ${what}${dates(last, facts.at)}`;
}

const WHAT: Readonly<Record<string, string>> = {
  bearer: 'an access token (Bearer)',
  dpop: 'an access token (DPoP)',
  cookie: 'the cookies that the platform has',
  basic: 'user name and password (Basic)',
  digest: 'user name and password (Digest)',
  'api-key': 'an API key',
};

/** Age and remaining life by the clock here. */
function dates({ scheme, mintedAt, expiresAt }: Try, at: number): string {
  const known: string[] = [];
  if (mintedAt !== undefined)
    known.push(mintedAt > at ? 'dated in the future' : `${span(at - mintedAt)} old`);
  if (expiresAt !== undefined && expiresAt > at) known.push(`valid for ${span(expiresAt - at)} more`);
  else if (expiresAt !== undefined) known.push(`expired ${span(at - expiresAt)} ago`);
  else if (scheme === 'bearer' || scheme === 'dpop') known.push('its life is not known');
  return known.length === 0 ? '' : `; when refused: ${known.join(', ')}`;
}

/** Whether the clocks agree. */
export function clocks({ aheadMs, isCors, facts }: Seen): string {
  if (aheadMs === undefined) return `not compared: no Date${isCors ? ' that the page may see' : ''}`;
  if (Math.abs(aheadMs) <= TOLD_MS) return `the same, within ${TOLD_MS / 1_000} seconds`;
  const late = facts === undefined ? ', compared now and not when it arrived' : '';
  return `the server's is ${span(aheadMs)} ${aheadMs > 0 ? 'ahead of' : 'behind'} the one here${late}`;
}
