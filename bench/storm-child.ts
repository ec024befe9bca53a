import { createAuthFetch, createSession } from 'latchkey/fetch';
import { type Fetch, fetchExtras, handWritten, ORIGIN } from './contenders.ts';
import { ModelServer } from './model-server.ts';

// One storm in a process of its own: what N concurrent refusals cost, and what is counted at the server.
const [who = 'latchkey', count = '10000'] = process.argv.slice(2);
const n = Number(count);
const server = new ModelServer(20);
const url = `${ORIGIN}/users/1`;

async function contender(): Promise<Fetch> {
  if (who === 'hand-written') return handWritten(server.fetch, 'at-0', () => server.refresh());
  if (who === 'fetch-extras') return fetchExtras(server.fetch, 'at-0', () => server.refresh());
  const session = createSession({ refresh: ({ held }) => server.refresh(held.refreshToken) });
  await session.signIn({ accessToken: 'at-0', refreshToken: 'rt-0' });
  return createAuthFetch({ baseUrl: ORIGIN, auth: session, fetch: server.fetch as typeof fetch }) as Fetch;
}

/** The least it can cost: the same refusals, one refresh, the same answers, and nothing in between. */
async function bare(): Promise<number> {
  const headers = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });
  await Promise.all(
    Array.from({ length: n }, () => server.fetch(url, headers('at-0')).then((r) => r.arrayBuffer())),
  );
  await server.refresh('rt-0');
  const all = await Promise.all(Array.from({ length: n }, () => server.fetch(url, headers('at-1'))));
  return all.filter((response) => response.status === 200).length;
}

const run = who === 'bare' ? bare : undefined;
const fetch = run ? undefined : await contender();
const before = process.memoryUsage().rss;
let peak = before;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 5);
const start = process.hrtime.bigint();
const good = run
  ? await run()
  : (await Promise.all(Array.from({ length: n }, () => (fetch as Fetch)(url)))).filter(
      (response) => response.status === 200,
    ).length;
const ms = Number(process.hrtime.bigint() - start) / 1e6;
clearInterval(watch);
peak = Math.max(peak, process.memoryUsage().rss);
console.log(
  JSON.stringify({
    ms,
    good,
    sendings: server.sendings,
    tokenRequests: server.tokenRequests,
    revoked: server.revoked,
    rssPerCaller: (peak - before) / n,
  }),
);
