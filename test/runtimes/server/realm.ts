import { createHash } from 'node:crypto';
import type { Counts, Entry, RealmOptions, ScriptedAnswer } from '../../behaviour/server.ts';
import { proofChecker } from '../../support/dpop-proof.ts';

/** A sign-in: its refresh tokens follow each other, and one used twice ends it (RFC 9700, section 4.14.2). */
export interface Family {
  readonly user: string;
  current: string;
  ended: boolean;
  /** The key that its tokens are bound to (RFC 9449, section 5). */
  jkt: string | undefined;
}

export interface Access {
  readonly family: Family;
  valid: boolean;
}

/** A world of its own for one case: tokens, gates, counts. */
export class Realm {
  readonly id: string;
  readonly options: RealmOptions;
  readonly access = new Map<string, Access>();
  readonly refresh = new Map<string, Family>();
  readonly log: Entry[] = [];
  readonly script: ScriptedAnswer[] = [];
  readonly proofs = proofChecker();
  readonly counts: Counts = {
    requests: 0,
    refused: 0,
    accepted: 0,
    tokens: 0,
    reuse: 0,
    revocations: 0,
    held: 0,
    preflights: 0,
    closed: 0,
  };
  #issued = 0;
  readonly #gates = new Map<string, { open: () => void; readonly opened: Promise<void> }>();
  #changed: { tell: () => void; readonly told: Promise<void> } = deferred();

  constructor(id: string, options: RealmOptions) {
    this.id = id;
    this.options = options;
    this.script.push(...(options.script ?? []));
  }

  count(name: keyof Counts, by = 1): void {
    this.counts[name] += by;
    this.#changed.tell();
    this.#changed = deferred();
  }

  note(entry: Omit<Entry, 'text' | 'hex' | 'sha256'>, body: Buffer): Entry {
    const small = body.length <= 65_536;
    const noted = {
      ...entry,
      text: small ? body.toString() : '',
      hex: small ? body.toString('hex') : '',
      sha256: createHash('sha256').update(body).digest('hex'),
    };
    this.log.push(noted);
    return noted;
  }

  /** Begins a family, or gives the next tokens of one. */
  issue(family: Family = { user: 'ada', current: '', ended: false, jkt: undefined }) {
    const n = ++this.#issued;
    const accessToken = `at-${this.id}-${n}`;
    if (family.current === '' || this.options.rotate !== false) family.current = `rt-${this.id}-${n}`;
    this.access.set(accessToken, { family, valid: true });
    this.refresh.set(family.current, family);
    const { expiresIn = 3_600 } = this.options;
    return {
      access_token: accessToken,
      refresh_token: family.current,
      token_type: family.jkt === undefined ? 'Bearer' : 'DPoP',
      ...(expiresIn === null ? {} : { expires_in: expiresIn }),
    };
  }

  expire(): void {
    for (const access of this.access.values()) access.valid = false;
  }

  end(family: Family): void {
    family.ended = true;
    for (const access of this.access.values()) if (access.family === family) access.valid = false;
  }

  hold(gate: string): void {
    if (this.#gates.has(gate)) return;
    const { tell: open, told: opened } = deferred();
    this.#gates.set(gate, { open, opened });
  }

  release(gate: string): void {
    this.#gates.get(gate)?.open();
    this.#gates.delete(gate);
  }

  async pass(gate: string | null): Promise<void> {
    const held = gate === null ? undefined : this.#gates.get(gate);
    if (!held) return;
    this.count('held');
    await held.opened;
    this.count('held', -1);
  }

  /** Resolves as soon as every count is at least that. */
  async until(least: Partial<Counts>): Promise<void> {
    const missing = () =>
      Object.entries(least).some(([name, value]) => this.counts[name as keyof Counts] < value);
    while (missing()) await this.#changed.told;
  }
}

function deferred(): { tell: () => void; told: Promise<void> } {
  let tell = () => {};
  const told = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return { tell, told };
}
