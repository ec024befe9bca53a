import type { Rows } from './row.js';
import { authentication } from './rows-01.js';
import { basic } from './rows-02.js';
import { digest } from './rows-03.js';
import { bearer } from './rows-04.js';
import { tokenEndpoint } from './rows-05.js';
import { dpop } from './rows-06.js';
import { stepUp } from './rows-07.js';
import { resourceMetadata } from './rows-08.js';
import { serverMetadata } from './rows-09.js';
import { security } from './rows-10.js';
import { issuerIdentification } from './rows-11.js';
import { resourceIndicators } from './rows-12.js';
import { assertions } from './rows-13.js';
import { tokenExchange } from './rows-14.js';
import { revocations } from './rows-15.js';
import { deviceGrant } from './rows-16.js';
import { proofKey } from './rows-17.js';
import { modelContextProtocol } from './rows-18.js';
import { claims } from './rows-19.js';
import { registries } from './rows-20.js';
import { platform } from './rows-21.js';
import { statuses } from './rows-22.js';

/** How many obligations each section has. */
export const SECTIONS = {
  1: 31,
  2: 10,
  3: 26,
  4: 11,
  5: 18,
  6: 18,
  7: 7,
  8: 10,
  9: 6,
  10: 8,
  11: 3,
  12: 4,
  13: 4,
  14: 3,
  15: 4,
  16: 4,
  17: 2,
  18: 11,
  19: 6,
  20: 7,
  21: 16,
  22: 16,
} as const;

/** What the RFCs oblige a client of this kind to, and what holds each of it. */
export const checklist: Rows = {
  ...authentication,
  ...basic,
  ...digest,
  ...bearer,
  ...tokenEndpoint,
  ...dpop,
  ...stepUp,
  ...resourceMetadata,
  ...serverMetadata,
  ...security,
  ...issuerIdentification,
  ...resourceIndicators,
  ...assertions,
  ...tokenExchange,
  ...revocations,
  ...deviceGrant,
  ...proofKey,
  ...modelContextProtocol,
  ...claims,
  ...registries,
  ...platform,
  ...statuses,
};
