import type { Faults, Settings } from './faults.js';
import type { Oracle } from './oracle.js';
import type { Provider } from './provider.js';
import type { Random } from './random.js';
import type { Scheduler } from './scheduler.js';
import type { Place } from './store.js';

/** Stands in every token, in every message of a failing model: nothing public may hold it. */
export const secretMark = 'S3CR3T';

/** All that one schedule consists of. */
export interface World {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly settings: Settings;
  readonly faults: Faults;
  readonly provider: Provider;
  readonly place: Place;
  /** Where this context keeps its record: the shared place, or its own memory where it got none. */
  placeOf(context: number): Place;
  readonly oracle: Oracle;
  /** Perhaps kills or stops the context at this very moment. */
  strike(context: number): void;
  /** Writes a line into the schedule's log; costs nothing where nobody reads it. */
  log(line: () => string): void;
}
