import { utf8 } from '../../protocol/utf8.js';
import { checkedUser, type UserPassword } from '../user-password.js';
import type { Hash } from './algorithm.js';

/** Who is sent; whoever prints one sees no password. */
export class Person {
  readonly #username: string;
  readonly #password: string;

  constructor(user: UserPassword) {
    const { username, password } = checkedUser('digest', user);
    this.#username = username;
    this.#password = password;
  }

  get username(): string {
    return this.#username;
  }

  /** Whether it is the same user name and password: what a refusal of one says of the other. */
  is(other: Person): boolean {
    return other.#username === this.#username && other.#password === this.#password;
  }

  /** H(A1) without a session (RFC 7616, section 3.4.2); user name and password in UTF-8, whatever charset is named. */
  key(hash: Hash, realm: string): string {
    return hash(`${utf8(this.#username)}:${realm}:${utf8(this.#password)}`);
  }

  /** What `userhash` sends in place of the name (RFC 7616, section 3.4.4). */
  hashedName(hash: Hash, realm: string): string {
    return hash(`${utf8(this.#username)}:${realm}`);
  }
}
