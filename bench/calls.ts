import ky from 'ky';
import { createAuthClient, createSession } from 'latchkey';
import { fetchExtras, handWritten, latchkey, ORIGIN } from './contenders.ts';
import { type Cost, compare, table } from './measure.ts';

/** What one call with a valid token costs over a stubbed fetch, above the same call without latchkey. */
export async function benchCalls(): Promise<void> {
  const response = new Response('{}', { headers: { 'content-type': 'application/json' } });
  const stub = () => Promise.resolve(response);
  const never = async () => ({ access_token: 'never', refresh_token: 'never' });
  const url = `${ORIGIN}/users/1`;
  const own = await latchkey(stub, 'at-0', never, 3600);
  const undated = await latchkey(stub, 'at-0', never);
  const hand = handWritten(stub, 'at-0', never);
  const extras = fetchExtras(stub, 'at-0', never);
  const given = new Headers({ accept: 'application/json', 'x-request-id': '1' });
  const plain = await compare({
    'bare fetch': () => stub(),
    'hand-written, 20 lines': () => hand(url),
    'fetch-extras withTokenRefresh': () => extras(url),
    'latchkey createAuthFetch': () => own(url),
    '… lifetime unknown': () => undated(url),
    '… plain headers': () => own(url, { headers: { accept: 'application/json' } }),
    '… Headers given': () => own(url, { headers: given }),
  });
  print('createAuthFetch, string URL, valid token', plain);

  const session = createSession({ refresh: never });
  await session.signIn({ accessToken: 'at-0', refreshToken: 'rt-0', expiresIn: 3600 });
  // ky reads what it is given: a new Response each time.
  const fresh = async () => new Response('{}', { headers: { 'content-type': 'application/json' } });
  const bare = ky.create({ baseUrl: `${ORIGIN}/`, fetch: fresh, headers: { Authorization: 'Bearer at-0' } });
  const client = createAuthClient({ baseUrl: `${ORIGIN}/`, fetch: fresh, auth: session });
  const through = await compare({
    'ky, same header': () => bare.get('users/1'),
    createAuthClient: () => client.get('users/1'),
  });
  print('createAuthClient, get', through);
  const json = { a: 1, b: 'two' };
  const posted = await compare({
    'ky, same header': () => bare.post('users', { json }),
    createAuthClient: () => client.post('users', { json }),
  });
  print('createAuthClient, post with a body', posted);
}

/** The first is what the others are compared with. */
function print(title: string, costs: Record<string, Cost>): void {
  const floor = Object.values(costs)[0] as Cost;
  const rows = Object.entries(costs).map(([name, { ns, above, bytes }]) => [
    name,
    `${ns.toFixed(0)} ns`,
    `${signed(above)} µs`,
    `${signed(bytes - floor.bytes)} kB`,
    `×${(ns / floor.ns).toFixed(2)}`,
  ]);
  console.log(`\n### ${title}\n\n${table(['', 'a call', 'above', 'allocated above', 'ratio'], rows)}`);
}

/** In thousands. */
function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${(value / 1000).toFixed(2)}`;
}
