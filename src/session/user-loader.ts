import { SharedWork } from '../shared-work.js';
import type { GrantContext } from './grant.js';

type Aside = <T>(work: (context: GrantContext) => Promise<T>) => Promise<T>;

/** Asks once for every sign-in who it is. */
export class UserLoader<User> {
  readonly #ask: ((context: GrantContext) => Promise<User>) | undefined;
  #id: string | undefined;
  #loading: SharedWork<void> | undefined;
  #user: { readonly user: User } | undefined;

  constructor(ask: ((context: GrantContext) => Promise<User>) | undefined) {
    this.#ask = ask;
  }

  /** undefined: not known, or another's. */
  of(id: string | undefined): { readonly user: User } | undefined {
    if (!this.#ask) return { user: undefined as User };
    return id === this.#id ? this.#user : undefined;
  }

  wanted(id: string | undefined): boolean {
    return this.#ask !== undefined && id !== undefined && id !== this.#id;
  }

  /** One question a sign-in; one that failed is asked again by the next who wants to know. */
  load(id: string, aside: Aside): Promise<void> {
    const ask = this.#ask;
    if (!ask || (id === this.#id && this.#user)) return Promise.resolve();
    const under = this.#loading;
    if (id === this.#id && under)
      return under.join(() => {
        if (this.#loading === under) this.#loading = undefined;
        return this.load(id, aside);
      });
    this.#id = id;
    this.#user = undefined;
    const loading = aside(ask).then(
      (user) => {
        if (this.#id === id) this.#user = { user };
      },
      (error) => {
        if (this.#id === id) this.#loading = undefined;
        throw error;
      },
    );
    this.#loading = new SharedWork(loading);
    return loading;
  }
}
