import { ANY_BINDING } from '../../src/protocol/reconcile.js';
import type { SessionRecord } from '../../src/protocol/record.js';
import type { TokenStore } from '../../src/session/store.js';
import { createRandom } from '../simulation/random.ts';
import { deferred } from '../support/deferred.ts';
import { type ReferenceProvider, startProvider } from '../support/oidc/index.ts';
import { explainReuses, overlongMs, type Post, type Reuses, startedLate } from './fleet-account.ts';
import type { Order } from './fleet-child.ts';
import { Members } from './fleet-members.ts';
import { tokenGate } from './token-gate.ts';

/** `FLEET_CYCLES=5000 FLEET_SEED=1 npm run test:servers` runs longer, with the same choices again. */
export const CYCLES = Number(process.env['FLEET_CYCLES'] ?? 1_000);
const SEED = Number(process.env['FLEET_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const PROCESSES = 8;
const SIGN_INS = 24;
/** Something is done to a process after so many refreshes. */
const CYCLES_A_FAULT = 20;
const LATE_POSTS = 1 / 80;
const LEASE_MS = 3_000;
/** A machine so slow is a failure of its own. */
export const LONGEST_MS = 60_000 + CYCLES * 600;

export interface FleetReport extends Reuses {
  readonly seed: number;
  readonly seconds: number;
  /** Token requests that renewed tokens. */
  readonly refreshes: number;
  readonly killed: number;
  readonly stopped: number;
  /** Those of them that stopped with a token request on its way out. */
  readonly stoppedPosting: number;
  /** Token requests that were begun after the signal of their turn. */
  readonly startedLate: number;
  readonly familiesRevoked: number;
  readonly calls: number;
  /** Errors that calls rejected with, by name. */
  readonly failures: Readonly<Record<string, number>>;
  /** The longest wait of a call, beyond its own standing still and a lease for each holder that was hit. */
  readonly longestWaitMs: number;
  /** Records that could not be read, in the course and at the end. */
  readonly unreadable: number;
}

/** Processes that share sign-ins through a store, killed and stopped at random until enough tokens are renewed. */
export async function runFleet(
  order: Pick<Order, 'port'> & { readonly clients: readonly Order['client'][] },
  storeFor: (key: string) => TokenStore,
): Promise<FleetReport> {
  console.log(`fleet over ${order.clients}: FLEET_CYCLES=${CYCLES} FLEET_SEED=${SEED}`);
  const random = createRandom(SEED);
  const began = performance.now();
  const provider = await startProvider({ accessTokenTtl: 1 });
  const keys = Array.from({ length: SIGN_INS }, (_, i) => `${order.clients[0]}-${SEED}-${i}`);
  const stores = new Map(keys.map((key) => [key, storeFor(key)]));
  const signing = new Set<string>();
  const signIn = async (key: string) => {
    if (signing.has(key)) return;
    signing.add(key);
    await writeSignIn(stores.get(key) as TokenStore, provider).finally(() => signing.delete(key));
  };
  await Promise.all(keys.map(signIn));

  const finished = deferred<void>();
  let [refreshes, hits] = [0, 0];
  /** Some at the poster, before its answer goes out or while it is being saved; some at anybody, at any time. */
  const hit = (poster: string) => {
    const member = random.chance(0.7) ? poster : random.pick(members.names as [string]);
    const hurt = ++hits % 2 ? () => members.kill(member) : () => members.stop(member);
    if (random.chance(0.3)) hurt();
    else setTimeout(hurt, random.chance(0.5) ? random.next() * 10 : random.next() * 1_000);
  };
  const answering = ({ turn, status }: Post) => {
    if (status !== 200) return;
    refreshes++;
    if (refreshes === CYCLES) finished.resolve(undefined);
    if (refreshes < CYCLES && refreshes % CYCLES_A_FAULT === 0) hit(turn.slice(0, turn.indexOf('/')));
  };
  const gate = await tokenGate(provider, answering);
  const members = new Members({
    ...order,
    keys,
    tokenEndpoint: gate.tokenEndpoint,
    leaseMs: LEASE_MS,
    latePosts: LATE_POSTS,
    stopMs: () => random.next() * 1.5 * LEASE_MS,
    ended: (key) => void signIn(key).catch(() => {}),
  });
  for (let i = 0; i < PROCESSES; i++) members.add();
  const tooLong = setTimeout(() => finished.resolve(undefined), LONGEST_MS);
  await finished.promise;
  clearTimeout(tooLong);
  await members.end();
  await gate.stop();
  let { unreadable } = members;
  for (const store of stores.values()) {
    if (!(await isReadable(store))) unreadable++;
    await store.close?.();
  }
  await provider.stop();

  const { turns, stills, kills, waits, failures, calls } = members;
  const seen = { posts: gate.posts, turns, stills, kills, waits, leaseMs: LEASE_MS };
  return {
    seed: SEED,
    seconds: Math.round((performance.now() - began) / 1_000),
    refreshes,
    killed: kills.size,
    stopped: members.stops,
    stoppedPosting: members.latePosts,
    ...explainReuses(seen),
    startedLate: startedLate(seen).length,
    familiesRevoked: provider.counts.familiesRevoked,
    calls,
    failures,
    longestWaitMs: Math.round(Math.max(0, ...overlongMs(seen))),
    unreadable,
  };
}

async function isReadable(store: TokenStore): Promise<boolean> {
  try {
    return (await store.load()) !== undefined;
  } catch {
    return false;
  }
}

/** As a sign-in page would: another process than those that use it. */
async function writeSignIn(store: TokenStore, provider: ReferenceProvider): Promise<void> {
  const { access_token, refresh_token, expires_in = 1 } = await provider.signIn();
  const now = Date.now();
  for (;;) {
    const held = await store.load();
    const next: SessionRecord = {
      id: crypto.randomUUID(),
      revision: (held?.revision ?? 0) + 1,
      generation: 1,
      boundTo: ANY_BINDING,
      tokens: { accessToken: access_token, refreshToken: refresh_token },
      mintedAt: now,
      expiresAt: now + expires_in * 1_000,
    };
    if (await store.save(next, held?.revision ?? 0)) return;
  }
}
