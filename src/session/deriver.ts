import { sessionCore } from '../protocol/session-core.js';
import { accessTokenOf, renewNow } from './access-token.js';
import { Derived, targetOf } from './derived.js';
import type { Engine, Kind } from './engine.js';
import type { DerivedFor } from './grant.js';
import { token } from './token.js';
import type { Session, SharedOptions } from './types.js';

/** As many as are remembered; one that is forgotten still works. */
const MOST = 100;

/** A derived session, and what is behind it. */
export interface DerivedSession<User> {
  readonly of: Derived;
  readonly session: Session<User>;
}

/** Makes sessions of other access tokens, one for each target; all but the tokens is the session's own. */
export function deriver<User>(
  session: Session<User>,
  base: Engine<unknown>,
  options: SharedOptions,
  kind: Pick<Kind<undefined>, 'judge' | 'softMs' | 'hardMs'>,
  known: Map<string, DerivedSession<User>>,
): (given: DerivedFor, over?: DerivedFor) => Session<User> {
  return function derive(given, over) {
    const target = targetOf(given, over);
    const key = JSON.stringify(target);
    const before = known.get(key);
    if (before !== undefined) return before.session;
    const of = new Derived(base, target, options, kind);
    const outside = () => {
      if (base.parts.inGrant) throw new TypeError('derive: not from inside `refresh`, `acquire` or `stepUp`');
      return of.engine;
    };
    const made: Session<User> = {
      ...session,
      token: async (asked = {}) => token(outside(), asked, undefined),
      refresh: async (how) => accessTokenOf(await renewNow(outside().core, how?.signal)),
      derive: (next) => derive(next, target),
      close: async () => {},
      [sessionCore]: of.view(),
    };
    known.set(key, { of, session: made });
    if (known.size > MOST) known.delete(known.keys().next().value as string);
    return made;
  };
}
