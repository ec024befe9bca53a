import { EventEmitter } from 'node:events';
import { LOAD, RELEASE, RENEW, REPLACE, SAVE, TAKE } from '../../../src/stores/redis/scripts.js';

/** What the scripts do, without Redis: the suite at the real one says whether they do it there. */
export class FakeRedis {
  readonly records = new Map<string, { revision: string; record: string }>();
  readonly #holders = new Map<string, string>();
  readonly #until = new Map<string, number>();
  readonly #channels = new Map<string, Set<(message: string) => void>>();
  /** Connections that subscribe, in the order in which they were made. */
  readonly subscribers: (IoClient | NodeClient)[] = [];
  state: 'well' | 'failing' | 'hanging' = 'well';
  #waiting: (() => void)[] = [];

  async eval(script: string, key: string, args: readonly string[]): Promise<unknown> {
    if (this.state === 'hanging') await new Promise<void>((resolve) => this.#waiting.push(resolve));
    await Promise.resolve();
    if (this.state === 'failing') throw new Error(`ECONNRESET ${args.join(' ')}`);
    return this.#run(script, key, args);
  }

  mend(): void {
    this.state = 'well';
    for (const go of this.#waiting.splice(0)) go();
  }

  lapse(key: string): void {
    this.#until.set(key, 0);
  }

  listen(channel: string, listener: (message: string) => void): () => void {
    const listeners = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  publish(channel: string, message: string): void {
    for (const listener of this.#channels.get(channel) ?? []) setImmediate(() => listener(message));
  }

  get keys(): string[] {
    return [...this.records.keys(), ...this.#holders.keys()];
  }

  #run(script: string, key: string, [first = '', second = '', channel = '', over = '']: readonly string[]) {
    const left = (this.#until.get(key) ?? 0) - Date.now();
    const holder = left > 0 ? this.#holders.get(key) : undefined;
    const stored = this.records.get(key);
    const write = () => {
      this.records.set(key, { record: first, revision: second });
      this.publish(channel, 'saved');
      return 1;
    };
    switch (script) {
      case LOAD:
        return [stored?.revision ?? null, stored?.record ?? null];
      case SAVE:
        return (stored?.revision ?? '0') === over ? write() : 0;
      case REPLACE:
        return (stored?.record ?? '') === over ? write() : 0;
      case TAKE:
        if (holder !== undefined && holder !== first) return left;
        this.#holders.set(key, first);
        this.#until.set(key, Date.now() + Number(second));
        return 0;
      case RENEW:
        if (holder !== first) return 0;
        this.#until.set(key, Date.now() + Number(second));
        return 1;
      case RELEASE:
        if (holder !== first) return 0;
        this.#until.delete(key);
        this.publish(second, 'released');
        return 1;
      default:
        throw new Error('no such script');
    }
  }
}

/** As ioredis: connects by itself, arguments in a row, messages as events. */
export class IoClient extends EventEmitter {
  status = 'ready';
  readonly subscribed = new Map<string, () => void>();
  refuses = false;
  constructor(
    readonly server: FakeRedis,
    readonly lazy = false,
  ) {
    super();
  }
  async eval(script: string, numkeys: number, ...args: (string | number)[]): Promise<unknown> {
    if (numkeys !== 1) throw new Error('numkeys');
    const [key, ...rest] = args.map(String);
    return this.server.eval(script, key ?? '', rest);
  }
  duplicate(): IoClient {
    const own = new IoClient(this.server);
    own.refuses = this.refuses;
    own.status = this.lazy ? 'wait' : 'connecting';
    if (!this.lazy) setImmediate(() => own.opened());
    this.server.subscribers.push(own);
    return own;
  }
  async connect(): Promise<void> {
    this.opened();
  }
  opened(): void {
    this.status = 'ready';
    this.emit('ready');
  }
  async subscribe(channel: string): Promise<number> {
    if (this.refuses) throw new Error('NOPERM');
    if (!this.subscribed.has(channel)) {
      const stop = this.server.listen(channel, (message) => this.emit('message', channel, message));
      this.subscribed.set(channel, stop);
    }
    return 1;
  }
  async unsubscribe(channel: string): Promise<number> {
    this.subscribed.get(channel)?.();
    this.subscribed.delete(channel);
    return 1;
  }
  /** The connection breaks, and comes back. */
  reconnect(): void {
    this.cut();
    this.emit('error', new Error('ECONNRESET'));
    this.opened();
  }
  cut(): void {
    for (const stop of this.subscribed.values()) stop();
    this.subscribed.clear();
  }
  disconnect(): void {
    this.status = 'end';
    this.cut();
    this.emit('end');
  }
}

/** As node-redis: `connect()` first, keys and arguments apart, a listener for each channel. */
export class NodeClient extends EventEmitter {
  isOpen = false;
  readonly subscribed = new Map<string, () => void>();
  refuses = false;
  constructor(readonly server: FakeRedis) {
    super();
  }
  async eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown> {
    return this.server.eval(script, options.keys[0] ?? '', options.arguments);
  }
  duplicate(): NodeClient {
    const own = new NodeClient(this.server);
    own.refuses = this.refuses;
    this.server.subscribers.push(own);
    return own;
  }
  async connect(): Promise<this> {
    if (this.refuses) throw new Error('ECONNREFUSED');
    this.isOpen = true;
    this.emit('ready');
    return this;
  }
  async subscribe(channel: string, listener: (message: string, channel: string) => void): Promise<void> {
    if (this.subscribed.has(channel)) return;
    this.subscribed.set(
      channel,
      this.server.listen(channel, (message) => listener(message, channel)),
    );
  }
  async unsubscribe(channel: string): Promise<void> {
    this.subscribed.get(channel)?.();
    this.subscribed.delete(channel);
  }
  reconnect(): void {
    this.emit('error', new Error('ECONNRESET'));
    this.emit('ready');
  }
  destroy(): void {
    if (!this.isOpen) throw new Error('ClientClosedError');
    this.isOpen = false;
    for (const stop of this.subscribed.values()) stop();
    this.emit('end');
  }
}
