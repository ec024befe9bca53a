import type { World } from './world.js';

/** Nobody is signed out in the store who was not signed out somewhere. */
export class Tombstones {
  readonly #written = new Set<string>();
  readonly #world: World;
  readonly #violate: (what: string) => void;

  constructor(of: World, violate: (what: string) => void) {
    this.#world = of;
    this.#violate = violate;
  }

  wrote(context: number, id: string): void {
    // A failover may lose one that was heard of.
    if (this.#written.has(id)) return;
    this.#written.add(id);
    const { lives, records } = this.#world.oracle;
    const family = records.familyOfId(id);
    // A sign-out also ends what ended here before and is still stored.
    if (family !== undefined && !lives.wasSignedOut(family) && !lives.knew(context, family))
      this.#violate(`family ${family} was signed out in the store, and nobody asked for it`);
  }
}
