import type { Random } from './random.js';

/** Everything that can go wrong; the number is how often, from 0 to 1. */
// biome-ignore format: one group a line
export const faultNames = [
  'loadFails', 'loadHangs', 'loadIsSlow', 'firstLoadIsSlow',
  'saveFails', 'saveAnswerIsLost', 'saveHangs', 'saveIsSlow', 'saveLandsLate',
  'turnFails', 'turnHangs', 'turnIsLost',
  'rotationIsLost', 'rotationHangs', 'rotationIsSlow',
  'providerIsDown', 'providerHangs', 'providerIsUnreachable', 'providerTalksGarbage', 'providerRefusesTheClient',
  'resourceIsDown', 'resourceIsSlow', 'resourceRefuses',
  'noticeIsLost', 'noticeIsLate', 'noticeIsRepeated', 'channelBreaks',
  'leaseFails', 'leaseAnswerIsLost', 'leaseIsSlow', 'strikes',
] as const;
export type Fault = (typeof faultNames)[number];

/** Which faults go together: a schedule has few groups, so that what it breaks explains what happens. */
const groups = {
  load: ['loadFails', 'loadHangs', 'loadIsSlow', 'firstLoadIsSlow'],
  save: ['saveFails', 'saveAnswerIsLost', 'saveHangs', 'saveIsSlow', 'saveLandsLate'],
  turn: ['turnFails', 'turnHangs', 'turnIsLost'],
  lost: ['rotationIsLost', 'rotationHangs', 'rotationIsSlow'],
  down: ['providerIsDown', 'providerHangs', 'providerIsUnreachable'],
  strange: ['providerTalksGarbage', 'providerRefusesTheClient'],
  resource: ['resourceIsDown', 'resourceIsSlow', 'resourceRefuses'],
  watch: ['noticeIsLost'],
} as const satisfies Record<string, readonly Fault[]>;

/** Actions that are themselves faults. */
export const upheavals = [
  'kill',
  'pause',
  'clockJump',
  'storeDown',
  'providerDown',
  'refuseAll',
  'endFamily',
] as const;
/** What only happens to the server of a store: it falls back to an older record, or to none. */
export type Upheaval = (typeof upheavals)[number] | 'failover' | 'vanish';

export type Shared = 'server' | 'web' | 'file';

export const isShared = ({ store }: Settings): boolean =>
  store === 'server' || store === 'web' || store === 'file';

/** What is broken to see that the oracle sees it. */
export type Mutation = 'save-over-any-revision' | 'lease-unrenewed' | 'signal-unheard';

export interface Settings {
  readonly contexts: number;
  readonly actions: number;
  /**
   * 'lock' frees with its holder, 'lease' can be lost, 'text' has no turns and no compare-and-set across contexts.
   * As shared stores are: 'server' has a lease at Redis or Postgres, 'web' locks of a browser, 'file' a lock beside a file.
   */
  readonly store: 'lock' | 'lease' | 'text' | Shared;
  readonly leaseMs: number;
  readonly synchronous: boolean;
  readonly watch: boolean;
  /** This context can only read the store; -1: none. */
  readonly readOnly: number;
  /** This context got no storage, and keeps its record in memory; -1: none. */
  readonly degraded: number;
  /** How long the provider's access tokens live, in seconds, and whether it says so. */
  readonly life: number;
  readonly lifeIsTold: boolean;
  /** A spent refresh token ends its family (RFC 9700, section 4.14.2); otherwise it is refused, and no more. */
  readonly strict: boolean;
  readonly skewMs: number;
  /** A fleet: tokens come from `acquire`, nobody signs in or out. */
  readonly service: boolean;
  readonly seeded: boolean;
  readonly users: boolean;
  /** Tokens are derived, and scopes are stepped up to. */
  readonly more: boolean;
  readonly mutation?: Mutation | undefined;
  readonly rates: Readonly<Partial<Record<Fault, number>>>;
  readonly upheavals: readonly Upheaval[];
}

export function drawSettings(random: Random): Settings {
  const rates: Partial<Record<Fault, number>> = {};
  const drawn: Upheaval[] = [];
  const calm = random.chance(0.12);
  if (!calm) {
    for (const faults of Object.values(groups)) {
      if (!random.chance(0.25)) continue;
      const rate = random.pick([0.03, 0.1, 0.3, 0.6]);
      for (const fault of faults) if (random.chance(0.6)) rates[fault] = rate * (0.3 + 0.7 * random.next());
    }
    for (const upheaval of upheavals) if (random.chance(0.2)) drawn.push(upheaval);
  }
  const service = random.chance(0.12);
  return {
    contexts: 2 + random.int(3),
    actions: 12 + random.int(30),
    store: random.pick(['lock', 'lock', 'lease', 'lease', 'text']),
    leaseMs: 10_000,
    synchronous: random.chance(0.25),
    watch: random.chance(0.75),
    degraded: -1,
    readOnly: !service && random.chance(0.08) ? random.int(2) : -1,
    life: random.pick([0, 2, 5, 12, 30, 60, 60, 300, 300, 3600]),
    lifeIsTold: random.chance(0.75),
    strict: random.chance(0.75),
    skewMs: random.pick([0, 0, 0, 1_000, 30_000, 400_000]),
    service,
    seeded: random.chance(0.75),
    users: random.chance(0.6),
    more: random.chance(0.5),
    rates,
    upheavals: drawn,
  };
}

/** Decides what goes wrong, until {@link Faults.heal}. */
export class Faults {
  readonly settings: Settings;
  storeDownUntil = 0;
  providerDownUntil = 0;
  refuseAllUntil = 0;
  #healed = false;
  readonly #random: Random;
  readonly #now: () => number;

  constructor(settings: Settings, random: Random, now: () => number) {
    this.settings = settings;
    this.#random = random;
    this.#now = now;
  }

  heal(): void {
    this.#healed = true;
    this.storeDownUntil = this.providerDownUntil = this.refuseAllUntil = 0;
  }

  hits(fault: Fault): boolean {
    return !this.#healed && this.#random.chance(this.settings.rates[fault] ?? 0);
  }

  get storeIsDown(): boolean {
    return this.#now() < this.storeDownUntil;
  }
  get providerIsDown(): boolean {
    return this.#now() < this.providerDownUntil;
  }
  get refusesAll(): boolean {
    return this.#now() < this.refuseAllUntil;
  }

  latency(): number {
    return this.#random.pick([0, 0, 0, 1, 1, 3, 10, 40, 150, 400]);
  }
  long(): number {
    return this.#random.pick([2_000, 5_000, 7_900, 8_000, 9_000, 20_000, 29_000, 31_000, 45_000]);
  }
}
