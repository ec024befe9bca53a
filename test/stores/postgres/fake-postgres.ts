import { EventEmitter } from 'node:events';
import { statementsFor } from '../../../src/stores/postgres/statements.js';

interface Row {
  record?: string;
  revision: number;
  holder?: string | undefined;
  until: number;
}

/** What the statements do, without Postgres: the suite at the real one says whether they do it there. */
export class FakePostgres {
  readonly rows = new Map<string, Row>();
  readonly bus: EventEmitter = new EventEmitter();
  readonly connections: PgConnection[] = [];
  readonly #sql = statementsFor('"latchkey_sessions"');
  state: 'well' | 'failing' | 'hanging' = 'well';
  #waiting: (() => void)[] = [];

  async run(text: string, values: readonly string[]): Promise<object[]> {
    if (this.state === 'hanging') await new Promise<void>((resolve) => this.#waiting.push(resolve));
    await Promise.resolve();
    if (this.state === 'failing')
      throw Object.assign(new Error(`broken: ${values.join(' ')}`), { code: '57P01', parameters: values });
    return this.#answer(text, values);
  }

  mend(): void {
    this.state = 'well';
    for (const go of this.#waiting.splice(0)) go();
  }

  #tell(channel: string, payload: string): object[] {
    setImmediate(() => this.bus.emit(channel, payload));
    return [{ done: false }];
  }

  #answer(text: string, [key = '', second = '', third = '', fourth = '', channel = '']: readonly string[]) {
    const row = this.rows.get(key);
    const isHeld = row?.holder !== undefined && row.until > Date.now();
    switch (text) {
      case this.#sql.migrate:
        return [];
      case this.#sql.load:
        return row ? [{ record: row.record ?? null, revision: String(row.revision) }] : [];
      case this.#sql.save:
        if ((row?.revision ?? 0) !== Number(fourth)) return [];
        this.rows.set(key, { until: 0, ...row, record: second, revision: Number(third) });
        return this.#tell(channel, 'saved');
      case this.#sql.replace:
        if (row?.record !== fourth) return [];
        this.rows.set(key, { ...row, record: second, revision: Number(third) });
        return this.#tell(channel, 'saved');
      case this.#sql.take:
        if (isHeld && row.holder !== second) return [{ ms: row.until - Date.now() }];
        this.rows.set(key, { revision: 0, ...row, holder: second, until: Date.now() + Number(third) });
        return [{ ms: 0 }];
      case this.#sql.renew:
        if (!isHeld || row.holder !== second) return [];
        row.until = Date.now() + Number(third);
        return [{ key }];
      case this.#sql.release:
        if (row?.holder !== second) return [];
        row.holder = undefined;
        return this.#tell(third, 'released');
      default:
        throw new Error('no such statement');
    }
  }
}

/** A connection that a pool gave away. */
export class PgConnection extends EventEmitter {
  readonly said: string[] = [];
  readonly #stops = new Map<string, () => void>();
  released: boolean | undefined;
  busy = false;
  constructor(
    readonly server: FakePostgres,
    readonly refuses: boolean,
  ) {
    super();
  }
  async query(text: string): Promise<void> {
    if (this.busy) throw new Error('asked while it is busy');
    this.busy = true;
    await Promise.resolve();
    this.busy = false;
    if (this.refuses) throw new Error('refused');
    this.said.push(text);
    const [, verb, channel = ''] = /^(LISTEN|UNLISTEN) (\w+)$/.exec(text) ?? [];
    if (verb === 'UNLISTEN') return this.#stops.get(channel)?.();
    if (this.#stops.has(channel)) return;
    const listener = (payload: string) => this.emit('notification', { channel, payload });
    this.server.bus.on(channel, listener);
    this.#stops.set(channel, () => this.server.bus.off(channel, listener));
  }
  release(destroy: boolean): void {
    this.released = destroy;
    for (const stop of this.#stops.values()) stop();
  }
}

/** As a Pool of pg. */
export function pgPool(server: FakePostgres, about: { max?: number; refuses?: boolean } = {}) {
  return {
    options: { max: about.max ?? 10 },
    query: async (text: string, values: unknown[]) => ({ rows: await server.run(text, values as string[]) }),
    async connect() {
      const connection = new PgConnection(server, about.refuses ?? false);
      server.connections.push(connection);
      return connection;
    },
  };
}

/** As the `sql` of postgres.js. */
export function postgresJs(server: FakePostgres) {
  const listening = new Set<() => void>();
  return Object.assign(() => {}, {
    unsafe: (text: string, values: never[] = []) => server.run(text, values),
    async listen(channel: string, heard: (payload: string) => void, ready: () => void) {
      server.bus.on(channel, heard);
      listening.add(ready);
      ready();
      return {
        async unlisten() {
          server.bus.off(channel, heard);
          listening.delete(ready);
        },
      };
    },
    /** Its connection broke, and it listens again. */
    again() {
      for (const ready of listening) ready();
    },
  });
}
