import type { SessionCore } from '../protocol/session-core.js';

/** What schemes see of a session, in closures: who logs a session sees no token. */
export function schemeView(core: SessionCore, stepUp?: SessionCore['stepUp']): SessionCore {
  return {
    begin: () => core.begin(),
    current: (begun) => core.current(begun),
    replace: (refused, begun, challenge, signal) => core.replace(refused, begun, challenge, signal),
    stepUp,
    now: core.now,
    accepted: (held) => core.accepted(held),
    get promptMs() {
      return core.promptMs;
    },
    get plain() {
      return core.plain;
    },
    get worksBeside() {
      return core.worksBeside;
    },
    csrf: core.csrf,
  };
}
