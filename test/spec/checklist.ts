import type { Rows } from './row.js';
import { authentication } from './rows-01.js';
import { basic } from './rows-02.js';
import { bearer } from './rows-04.js';
import { tokenEndpoint } from './rows-05.js';
import { dpop } from './rows-06.js';
import { registries } from './rows-20.js';
import { platform } from './rows-21.js';
import { statuses } from './rows-22.js';

/** How many obligations each section has. */
export const SECTIONS = { 1: 31, 2: 10, 4: 11, 5: 18, 6: 18, 20: 7, 21: 16, 22: 16 } as const;

/** What the RFCs oblige a client of this kind to, and what holds each of it. */
export const checklist: Rows = {
  ...authentication,
  ...basic,
  ...bearer,
  ...tokenEndpoint,
  ...dpop,
  ...registries,
  ...platform,
  ...statuses,
};
