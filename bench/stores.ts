import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthFetch, createSession, memoryStore, type TokenStore } from 'latchkey/fetch';
import { fileStore } from 'latchkey/stores/file';
import { ORIGIN } from './contenders.ts';
import { compare, table } from './measure.ts';

/** A call with a valid token in a session of each store: one that contexts share must not be asked for every call. */
export async function benchStores(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const file = fileStore(join(folder, 'session.json'));
  const later = memoryStore();
  const stores: Record<string, Counted> = {
    memoryStore: counted(memoryStore()),
    '… as one that answers later, as at a server': counted({
      ...later,
      load: async () => later.load(),
      save: async (next, ifRevision) => later.save(next, ifRevision),
    }),
    fileStore: counted(file),
  };
  const opened = await Promise.all(Object.entries(stores).map(([name, { store }]) => open(name, store)));
  for (const store of Object.values(stores)) store.asked = 0;
  const costs = await compare(Object.fromEntries(opened.map(({ name, call }) => [name, call])));
  const floor = costs['memoryStore']?.ns ?? Number.NaN;
  // by the differences within a round, in which what both meet cancels out
  const rows = Object.entries(costs).map(([name, { ns, above }]) => [
    name,
    `${ns.toFixed(0)} ns`,
    `×${((floor + above) / floor).toFixed(2)}`,
    String(stores[name]?.asked),
  ]);
  console.log(
    `\n### A call with a valid token, by the store of the session\n\n${table(['', 'a call', 'ratio', 'asked of the store'], rows)}`,
  );
  for (const { close } of opened) await close();
  await rm(folder, { recursive: true });
}

async function open(name: string, store: TokenStore) {
  const response = new Response('{}');
  const session = createSession({ refresh: async () => null, store });
  await session.signIn({ accessToken: 'at-0', refreshToken: 'rt-0', expiresIn: 3600 });
  const fetch = createAuthFetch({ baseUrl: ORIGIN, auth: session, fetch: async () => response });
  const url = `${ORIGIN}/users/1`;
  await fetch(url);
  return { name, call: () => fetch(url), close: () => session.close() };
}

interface Counted {
  readonly store: TokenStore;
  /** Loads, saves and turns. */
  asked: number;
}

function counted(inner: TokenStore): Counted {
  const counts: Counted = {
    asked: 0,
    store: {
      ...inner,
      load: () => {
        counts.asked++;
        return inner.load();
      },
      save: (next, ifRevision) => {
        counts.asked++;
        return inner.save(next, ifRevision);
      },
      turn: (task, options) => {
        counts.asked++;
        return inner.turn(task, options);
      },
    },
  };
  return counts;
}
