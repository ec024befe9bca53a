import type { MaybePromise } from '../../types.js';
import type { UserPasswordProvider } from '../basic-provider.js';
import { joined } from '../joined.js';
import type { UserPassword } from '../user-password.js';
import { Person } from './person.js';
import type { Sent } from './sent.js';
import type { Space } from './space.js';

/** Whom to send in place of who was refused; `isNew`: found for this refusal, not for another one. */
interface Other {
  readonly person: Person;
  readonly isNew: boolean;
}

/** Who is known, and how others are found. */
export interface People {
  /** Sent everywhere. */
  readonly everywhere: Person | undefined;
  /** For this space; asks where nobody is known. */
  of(space: Space, url: string): MaybePromise<Person | undefined>;
  other(refused: Sent, url: string): MaybePromise<Other | 'refused-again' | 'no-credentials'>;
  /** These were refused for a fresh challenge. */
  refuse(sent: Sent): void;
}

export function givenPerson(user: UserPassword): People {
  const person = new Person(user);
  return { everywhere: person, of: () => person, other: () => 'refused-again', refuse() {} };
}

export function askedPeople(provider: UserPasswordProvider): People {
  async function obtain(space: Space, url: string): Promise<Person | undefined> {
    const given = await provider({ realm: space.realm, refused: space.hasRefused, url });
    if (given === undefined || given === null) return undefined;
    space.person = new Person(given);
    return space.person;
  }

  const ask = (space: Space, url: string) => joined(space, () => obtain(space, url));

  return {
    everywhere: undefined,
    of: (space, url) => space.person ?? ask(space, url),
    async other({ space, person: refused }, url) {
      if (space.person !== undefined) return { person: space.person, isNew: false };
      const person = await ask(space, url);
      if (person === undefined) return 'no-credentials';
      return person.is(refused) ? 'refused-again' : { person, isNew: true };
    },
    refuse({ space, person }) {
      space.hasRefused = true;
      if (space.person?.is(person)) space.person = undefined;
    },
  };
}
