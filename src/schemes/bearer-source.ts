import { andThen } from '../promise.js';
import type { Challenge } from '../protocol/challenge.js';
import type { Credentials } from '../protocol/credentials.js';
import type { UnauthorizedReason } from '../protocol/outcome.js';
import type { MaybePromise } from '../types.js';
import { bearerHeaders } from './bearer-headers.js';
import { bearerRemedy } from './bearer-remedy.js';
import type { Scheme } from './scheme.js';

/** Another SDK holds the tokens: called for each request, and with the token that was refused. */
export type TokenSource = (context: {
  readonly refused: string | undefined;
  readonly challenge?: Challenge | undefined;
  readonly signal?: AbortSignal | undefined;
}) => MaybePromise<string | undefined>;

type Replacement = { credentials: Credentials; minted: boolean } | { undelivered: UnauthorizedReason };

/** One token is asked to be replaced once, however many requests it was refused to. */
export function tokenSourceBearer(source: TokenSource): Scheme {
  let last: Credentials | undefined;
  let flight: { readonly refused: string; readonly next: Promise<string | undefined> } | undefined;
  const write = (token: string | undefined): Credentials | undefined => {
    if (token === undefined || token === '' || token === null) return undefined;
    if (last?.version === token) return last;
    last = Object.freeze({ headers: bearerHeaders(token, 'token of the function'), version: token });
    return last;
  };
  const replacement = (refused: string, token: string | undefined, minted: boolean): Replacement => {
    const credentials = write(token);
    if (credentials === undefined) return { undelivered: 'no-credentials' };
    return token === refused ? { undelivered: 'refused-again' } : { credentials, minted };
  };
  return {
    name: 'bearer',
    credentials(_target, challenge) {
      return andThen(source({ refused: undefined, challenge }), write);
    },
    remedy: bearerRemedy,
    replace(credentials, _target, challenge) {
      const refused = credentials.version as string;
      const joined = flight?.refused === refused;
      if (!joined) {
        const next = (async () => source({ refused, challenge }))();
        const mine = { refused, next };
        flight = mine;
        const clear = () => {
          if (flight === mine) flight = undefined;
        };
        // a late refusal finds the token that replaced it; one that got nothing new asks again
        next.then((token) => (token === refused || !token ? clear() : undefined), clear);
      }
      return (flight as { next: Promise<string | undefined> }).next.then((token) =>
        replacement(refused, token, !joined),
      );
    },
  };
}
