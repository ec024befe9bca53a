import type { SessionRecord } from '../protocol/record.js';

const REMEMBERED = 64;

/** The sign-ins that a sign-out is to end in the store. */
export interface Target {
  /** false: it came before the first load ended, and ends whatever that load finds. */
  named: boolean;
  readonly ids: (string | undefined)[];
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

  /** Whom a sign-out ends; one that comes before the first load ended shares its target with those before it. */
  target(known: boolean, ids: readonly (string | undefined)[]): Target {
    if (!known) this.#unnamed ??= { named: false, ids: [] };
    const unnamed = this.#unnamed;
    if (!unnamed || unnamed.named) return { named: true, ids: [...ids] };
    unnamed.ids.push(...ids);
    return unnamed;
  }

  /** A sign-out waits for the first load: what is stored is not known. */
  get pending(): boolean {
    return this.#unnamed?.named === false;
  }

  /** The first load to end names it, unless it finds the sign-in that was made here since. */
  name(found: SessionRecord | undefined, current: string | undefined): void {
    const target = this.#unnamed;
    if (!target || target.named) return;
    target.named = true;
    if (!found || found.id === current) return;
    target.ids.push(found.id);
    this.remember(found.id);
  }
}
