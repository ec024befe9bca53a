/** When a load began, among those that had ended and among what was written here. */
export interface Look {
  readonly begun: number;
  readonly writes: number;
}

const REMEMBERED = 16;

/** Tells which of the loads that overlap has read last, and which began before something was written here. */
export class Looks {
  #ended = 0;
  #writes = 0;
  /** The loads after which no higher revision was found, oldest first: their revisions fall. */
  #peaks: { readonly ended: number; readonly revision: number }[] = [];

  begin(): Look {
    return { begun: this.#ended, writes: this.#writes };
  }

  /**
   * false: one that ended after this began has found a higher revision, so that this has read earlier. A lower one
   * counts only from a load that began later: then the store has lost something.
   */
  end(look: Look, revision: number): boolean {
    const above = this.#peaks.find((peak) => peak.ended > look.begun);
    if (above && above.revision > revision) return false;
    this.#peaks = this.#peaks.filter((peak) => peak.revision > revision).slice(1 - REMEMBERED);
    this.#peaks.push({ ended: ++this.#ended, revision });
    return true;
  }

  wrote(): void {
    this.#writes++;
  }

  isNews(look: Look): boolean {
    return look.writes === this.#writes;
  }
}
