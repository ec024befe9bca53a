import { readdir, readFile, rmdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessMissing } from './errno.js';
import { type Holder, holderOf, isDead } from './process-facts.js';

export const HOLDER = 'holder-';

/** After a sleep of the whole machine every lease looks old: a holder that is alive renews its own within this. */
const GRACE_MS = 3_000;

/** What one who waits knows of the holder: alive until it is proven dead, or has not moved for a lease. */
export class Suspicion {
  readonly #path: string;
  readonly #leaseMs: number;
  #name: string | undefined;
  #holder: Holder | undefined;
  #moved = 0;
  #since = 0;

  constructor(path: string, leaseMs: number) {
    this.#path = path;
    this.#leaseMs = leaseMs;
  }

  /** True: the lock is free, or was taken away from who does not hold it any more: try at once. */
  async resolved(): Promise<boolean> {
    const names = await unlessMissing(readdir(this.#path));
    if (!names) return true;
    const name = names.find((entry) => entry.startsWith(HOLDER));
    if (name !== undefined) {
      const file = join(this.#path, name);
      const info = await unlessMissing(stat(file));
      if (!info) return true;
      if (!(await this.#isGone(name, file, info.mtimeMs))) return false;
      // The name is that holder's alone: this removes the one who was judged, or nobody.
      await unlessMissing(unlink(file));
    }
    await this.#clear(names);
    return true;
  }

  async #isGone(name: string, file: string, movedAt: number): Promise<boolean> {
    // Measured by this process's own clock: the system's may be set, and another machine's be wrong.
    const now = performance.now();
    if (name !== this.#name) {
      this.#holder = holderOf((await unlessMissing(readFile(file, 'utf8'))) ?? '');
      this.#name = name;
      this.#since = now;
    } else if (movedAt !== this.#moved) this.#since = now;
    this.#moved = movedAt;
    const still = now - this.#since;
    if (still >= this.#leaseMs) return true;
    if (still >= GRACE_MS && Date.now() - movedAt > this.#leaseMs) return true;
    return this.#holder !== undefined && (await isDead(this.#holder));
  }

  /** A folder without a holder is being left: the names in it are nobody's any more. */
  async #clear(names: readonly string[]): Promise<void> {
    for (const name of names) {
      if (!name.startsWith(HOLDER)) await unlessMissing(unlink(join(this.#path, name)));
    }
    await rmdir(this.#path).catch(() => {});
  }
}
