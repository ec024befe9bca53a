import { andThen } from '../promise.js';
import type { Challenge } from '../protocol/challenge.js';
import type { Credentials } from '../protocol/credentials.js';
import type { UnauthorizedReason } from '../protocol/outcome.js';
import { originText } from '../protocol/path-space.js';
import { readChallenges } from '../protocol/read-challenges.js';
import { stepUpNeed } from '../protocol/step-up.js';
import { SharedWork } from '../shared-work.js';
import type { MaybePromise } from '../types.js';
import { AskedToken, AskedTokens } from './asked-tokens.js';
import { bearerHeaders } from './bearer-headers.js';
import { namesTokenServer, needKey } from './bearer-need.js';
import { bearerRemedy } from './bearer-remedy.js';
import type { Remedy, Scheme, Target } from './scheme.js';

/**
 * Where tokens come from: another SDK, or a token server. Called for each request, and with the token that was refused.
 *
 * Who has nothing before a challenge returns undefined then. What it returns for a challenge whose `realm` is a URL
 * is kept for that realm, service and scope: 60 s, or as long as its JWT says. The realm is the server's text: check it.
 *
 * Who aborts is freed at once; what was asked goes on for the others. So give requests a timeout.
 */
export type TokenSource = (context: {
  readonly refused: string | undefined;
  readonly challenge?: Challenge | undefined;
  readonly signal?: AbortSignal | undefined;
}) => MaybePromise<string | undefined>;

/** Realms and scopes are the server's to choose: no more replacements are remembered than for so many. */
const MOST_FLIGHTS = 100;

interface Flight {
  readonly refused: string;
  readonly next: SharedWork<string | undefined>;
}

type Replacement = { credentials: Credentials; minted: boolean } | { undelivered: UnauthorizedReason };

/** One token is asked to be replaced once for all that want the same, however many requests it was refused to. */
export function tokenSourceBearer(source: TokenSource): Scheme {
  let last: Credentials | undefined;
  const flights = new Map<string, Flight>();
  let asked: AskedTokens | undefined;
  const write = (token: string | undefined): Credentials | undefined => {
    if (token === undefined || token === '' || token === null) return undefined;
    if (last?.version === token) return last;
    last = Object.freeze({ headers: bearerHeaders(token, 'token of the function'), version: token });
    return last;
  };
  const replacement = (
    refused: string,
    credentials: Credentials | undefined,
    minted: boolean,
  ): Replacement => {
    if (credentials === undefined) return { undelivered: 'no-credentials' };
    return credentials.version === refused ? { undelivered: 'refused-again' } : { credentials, minted };
  };
  /** The flight for this token, and whether it was under way. */
  const join = (about: string, refused: string, challenge: Challenge | undefined) => {
    const under = flights.get(about);
    if (under?.refused === refused) return { flight: under, joined: true };
    const next = (async () => source({ refused, challenge }))();
    const flight: Flight = { refused, next: new SharedWork(next) };
    flights.delete(about);
    flights.set(about, flight);
    if (flights.size > MOST_FLIGHTS) flights.delete(flights.keys().next().value as string);
    const clear = () => forget(about, flight);
    // a late refusal finds the token that replaced it; one that got nothing new asks again
    next.then((token) => (token === refused || !token ? clear() : undefined), clear);
    return { flight, joined: false };
  };
  const forget = (about: string, flight: Flight) => {
    if (flights.get(about) === flight) flights.delete(about);
  };
  return {
    name: 'bearer',
    credentials(target, challenge) {
      if (challenge !== undefined && namesTokenServer(challenge)) {
        asked ??= new AskedTokens(source);
        return asked.answer(target, challenge);
      }
      const given = source({ refused: undefined, challenge });
      if (asked === undefined) return andThen(given, write);
      return andThen(given, (token) => {
        const written = write(token);
        // who has a token unasked keeps its own
        if (written !== undefined) asked = undefined;
        return written ?? asked?.before(target);
      });
    },
    remedy: (challenge, refused) =>
      challenge !== undefined && namesTokenServer(challenge)
        ? remedyByNeed(challenge, refused)
        : bearerRemedy(challenge, refused),
    replace(credentials, target, challenge) {
      const refused = credentials.version as string;
      if (asked !== undefined && credentials instanceof AskedToken) {
        return andThen(asked.replace(credentials), ({ token, minted }) =>
          replacement(refused, token, minted),
        );
      }
      const about = aboutOf(target, challenge);
      const { flight, joined } = join(about, refused, challenge);
      const anew = (): Promise<string | undefined> => {
        forget(about, flight);
        return join(about, refused, challenge).flight.next.join(anew);
      };
      return flight.next.join(anew).then((token) => replacement(refused, write(token), !joined));
    },
    learn(sent, target, { status, headers }) {
      if (!(sent instanceof AskedToken) || status >= 500) return;
      if (status !== 401) asked?.accept(sent, target);
      else if (lacks(headers.get('www-authenticate'), sent)) asked?.drop(sent);
    },
  };
}

/** What a replacement is good for: what a token server gives for one origin, realm, service and scope is no other's. */
function aboutOf({ url }: Target, challenge: Challenge | undefined): string {
  return challenge !== undefined && namesTokenServer(challenge)
    ? `${originText(url)} ${needKey(challenge)}`
    : '';
}

/** A token for something else is answered anew; one for this that can too little is the end of it. */
function remedyByNeed(challenge: Challenge, refused: Credentials | undefined): Remedy {
  const need = stepUpNeed(challenge);
  if (need !== undefined && need.type !== 'scope') return undefined;
  if (refused === undefined) return 'answer';
  if (!(refused instanceof AskedToken)) return bearerRemedy(challenge, refused);
  if (refused.need.key !== needKey(challenge)) return 'answer';
  return need === undefined ? 'replace' : undefined;
}

function lacks(field: string | null, { need }: AskedToken): boolean {
  return readChallenges(field).some(
    (challenge) => stepUpNeed(challenge)?.type === 'scope' && needKey(challenge) === need.key,
  );
}
