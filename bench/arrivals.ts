import { createAuthFetch, createSession } from 'latchkey/fetch';
import { ORIGIN } from './contenders.ts';
import { median, table } from './measure.ts';
import { ModelServer } from './model-server.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function setUp(refreshMs: number) {
  const server = new ModelServer(refreshMs);
  const session = createSession({ refresh: ({ held }) => server.refresh(held.refreshToken) });
  await session.signIn({ accessToken: 'at-0', refreshToken: 'rt-0' });
  const authFetch = createAuthFetch({ baseUrl: ORIGIN, auth: session, fetch: server.fetch as typeof fetch });
  return { server, authFetch };
}

/** Requests that go on arriving while a refresh is under way are held back, not sent to be refused. */
async function arriving(n: number): Promise<{ sendings: number; tokenRequests: number }> {
  const { server, authFetch } = await setUp(500);
  const calls: Promise<Response>[] = [];
  for (let i = 0; i < n; i++) {
    calls.push(authFetch('/users/1'));
    if (i % 10 === 9) await pause(10);
  }
  const all = await Promise.all(calls);
  if (all.some((response) => response.status !== 200)) throw new Error('a call failed');
  return { sendings: server.sendings / n, tokenRequests: server.tokenRequests };
}

/** How long an abort takes to free one of n callers who wait for a refresh, in milliseconds. */
async function aborting(n: number): Promise<number> {
  const { server, authFetch } = await setUp(2_000);
  const controller = new AbortController();
  const others = Array.from({ length: n - 1 }, () => authFetch('/users/1'));
  const one = authFetch('/users/1', { signal: controller.signal });
  while (server.refused < n) await pause(5);
  await pause(100);
  const start = performance.now();
  const freed = one.then(
    () => Number.NaN,
    () => performance.now() - start,
  );
  controller.abort();
  const ms = await freed;
  await Promise.all(others);
  return ms;
}

async function lateRefusal(): Promise<number> {
  const { server, authFetch } = await setUp(20);
  await Promise.all([authFetch('/users/1'), authFetch('/users/2')]);
  await authFetch('/users/3');
  return server.tokenRequests;
}

export async function benchArrivals(): Promise<void> {
  const one = await arriving(1_000);
  const aborts = { alone: [] as number[], among: [] as number[] };
  for (let i = 0; i < 3; i++) {
    aborts.alone.push(await aborting(1));
    aborts.among.push(await aborting(10_000));
  }
  const rows = [
    [
      '1,000 calls over 1 s around a 500 ms refresh',
      `${one.sendings.toFixed(3)} N sendings, ${one.tokenRequests} refresh`,
    ],
    ['a late 401', `${await lateRefusal()} refresh`],
    ['an abort frees its caller', `${median(aborts.alone).toFixed(2)} ms`],
    ['… one of 10,000', `${median(aborts.among).toFixed(2)} ms`],
  ];
  console.log(`\n### Arrivals and aborts\n\n${table(['', 'measured'], rows)}`);
}
