/** When a load began, among the others and among what was written here. */
export interface Look {
  readonly order: number;
  readonly writes: number;
}

/** Tells which of the loads that overlap is the newest, and which began before something was written here. */
export class Looks {
  #begun = 0;
  #latest = 0;
  #writes = 0;

  begin(): Look {
    return { order: ++this.#begun, writes: this.#writes };
  }

  /** false: one that began later has ended already, and this one brings nothing. */
  end(look: Look): boolean {
    if (look.order < this.#latest) return false;
    this.#latest = look.order;
    return true;
  }

  wrote(): void {
    this.#writes++;
  }

  isNews(look: Look): boolean {
    return look.writes === this.#writes;
  }
}
