import { type Expect, expect } from '../../behaviour/expect.ts';
import { connect, type Realm, type RealmOptions } from '../../behaviour/server.ts';
import type { TestServer } from '../server.ts';
import { type Issuer, startIssuer } from './issuer.ts';
import { start, type Worker, type WorkerOptions } from './worker.ts';

export interface AppOptions extends WorkerOptions {
  readonly realm?: RealmOptions;
  /** Nobody is signed in at first. */
  readonly empty?: boolean;
}

export interface Told {
  readonly events: readonly { readonly type: string; readonly reason?: string }[];
  readonly asked: number;
  readonly begun: number;
}

/** A worker whose module has a client, and the realm that it talks to. */
export interface App {
  readonly realm: Realm;
  readonly worker: Worker;
  /** An authorization server whose metadata name the realm's token endpoint. */
  readonly issuer: Issuer;
  /** What `n` requests at once were answered. */
  statuses(n: number, path?: (n: number) => string): Promise<readonly number[]>;
  /** One that is over as soon as the server has seen so much of what it began. */
  leave(until: object, to?: string): Promise<void>;
  /** One whose client goes away as soon as the server has seen so much. */
  cancel(until: Parameters<Realm['until']>[0], path?: string): Promise<void>;
  /** What the worker was told, and how often it was asked and called. */
  told(): Promise<Told>;
  /** Resolves as soon as so many calls have begun. */
  begun(n: number): Promise<void>;
}

export interface Scene {
  readonly expect: Expect;
  app(options?: AppOptions): Promise<App>;
  end(): Promise<void>;
}

export function sceneOf(file: string, server: TestServer): Scene {
  const workers: Worker[] = [];
  const issuers: Issuer[] = [];
  return {
    expect,
    async app({ realm: about, empty, ...options } = {}) {
      const realm = await (await connect(fetch, server.control)).realm({ rotate: false, ...about });
      const TOKENS = empty ? '' : JSON.stringify(await realm.issue());
      const issuer = await startIssuer(`${realm.url}/token`);
      issuers.push(issuer);
      const bindings = {
        CONTROL: server.control,
        REALM: realm.url,
        ISSUER: issuer.url,
        TOKENS,
        ...options.bindings,
      };
      const worker = await start([file], { ...options, bindings });
      workers.push(worker);
      return appOf(worker, realm, issuer);
    },
    async end() {
      for (const worker of workers) await worker.dispose();
      for (const issuer of issuers) await issuer.close();
    },
  };
}

function appOf(worker: Worker, realm: Realm, issuer: Issuer): App {
  const called = (n: number) => `call?n=${n}`;
  const told = async () => JSON.parse((await worker.get('told')).text) as Told;
  return {
    realm,
    worker,
    issuer,
    statuses(n, path = called) {
      const answers = Array.from({ length: n }, async (_, i) => (await worker.get(path(i))).status);
      for (const answer of answers) answer.catch(() => {});
      const all = Promise.all(answers);
      all.catch(() => {});
      return all;
    },
    async leave(until, to = 'call') {
      const query = new URLSearchParams({ n: 'left', to, until: JSON.stringify(until) });
      const { status, text } = await worker.get(`leave?${query}`);
      expect.equal([status, text], [200, 'left'], 'who leaves');
    },
    async cancel(until, path = called(0)) {
      const client = new AbortController();
      const gone = fetch(new URL(path, worker.url), { signal: client.signal });
      await realm.until(until);
      client.abort();
      await expect.rejects(gone, 'whose client goes away');
    },
    told,
    async begun(n) {
      while ((await told()).begun < n) await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
}
