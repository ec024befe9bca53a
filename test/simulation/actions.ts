import type { Settings } from './faults.js';

/** What may happen in a schedule, and how often; the upheavals only where the settings have them. */
const weights = {
  fetch: 30, burst: 10, token: 10, refused: 5, refresh: 4, storm: 5, resume: 3, ready: 2,
  signOut: 3, signIn: 4, derived: 14, more: 9,
  kill: 3, pause: 3, clockJump: 3, storeDown: 3, providerDown: 3, refuseAll: 3, endFamily: 2, failover: 2, vanish: 1,
}; // biome-ignore format: the kinds stay together
export type Action = keyof typeof weights;

/** How often each may happen by these settings. */
export function ratesOf(settings: Settings): Record<Action, number> {
  const rates: Partial<Record<Action, number>> = { ...weights };
  for (const name of [
    'kill',
    'pause',
    'clockJump',
    'storeDown',
    'providerDown',
    'refuseAll',
    'endFamily',
    'failover',
    'vanish',
  ] as const) {
    if (!settings.upheavals.includes(name)) delete rates[name];
  }
  if (settings.service) delete rates.endFamily;
  if (!settings.more) delete rates.derived;
  if (!settings.more || settings.service) delete rates.more;
  if (!settings.users || settings.service) {
    delete rates.signIn;
    delete rates.signOut;
  }
  return rates as Record<Action, number>;
}
