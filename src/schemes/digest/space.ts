import type { SharedWork } from '../../shared-work.js';
import { Nonces } from './nonces.js';
import type { Person } from './person.js';

/** A protection space: one realm of one origin (RFC 9110, section 11.5). */
export class Space {
  readonly origin: string;
  readonly realm: string;
  readonly nonces: Nonces = new Nonces();
  /** Who is sent now. */
  person: Person | undefined;
  /** Who was asked for last was refused. */
  hasRefused = false;
  /** The app is being asked. */
  asking: SharedWork<Person | undefined> | undefined = undefined;

  constructor(origin: string, realm: string, person: Person | undefined) {
    this.origin = origin;
    this.realm = realm;
    this.person = person;
  }
}
