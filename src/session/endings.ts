import type { SessionRecord } from '../protocol/record.js';

const REMEMBERED = 64;

/** The sign-ins that a sign-out is to end in the store. */
export interface Target {
  /** Unnamed: it came before the first load ended, and ends whatever that load finds. */
  named: boolean;
  ids: readonly (string | undefined)[];
}

/** Which sign-ins ended here: none of them is adopted again, whatever a slow load or another context brings. */
export class Endings {
  readonly #ids: Set<string> = new Set();
  #unnamed: Target | undefined;

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  remember(id: string | undefined): void {
    if (id === undefined) return;
    this.#ids.add(id);
    if (this.#ids.size <= REMEMBERED) return;
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest);
      return;
    }
  }

  /** Whom a sign-out ends; one that is repeated before the first load ended has the same target. */
  target(known: boolean, ids: readonly (string | undefined)[]): Target {
    if (!known) this.#unnamed ??= { named: false, ids: [] };
    return this.#unnamed ?? { named: true, ids };
  }

  /** A sign-out waits for the first load: what is stored is not known. */
  get pending(): boolean {
    return this.#unnamed?.named === false;
  }

  /** The first load to end names it. */
  name(found: SessionRecord | undefined): void {
    const target = this.#unnamed;
    if (!target || target.named) return;
    target.named = true;
    target.ids = [found?.id];
    this.remember(found?.id);
  }

  /** A new sign-in: what went before is none of its business. */
  clear(): void {
    this.#unnamed = undefined;
  }
}
