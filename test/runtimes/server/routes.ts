import type { Entry } from '../../behaviour/server.ts';
import { hide } from './cors.ts';
import { answer, type Exchange } from './exchange.ts';
import { type Judgement, protections } from './protections.ts';
import type { Realm } from './realm.ts';
import { token } from './token.ts';

/** Everything of a realm: what needs credentials, what gives them, redirects; all of it is counted. */
export async function route(realm: Realm, exchange: Exchange): Promise<void> {
  const { path, method, query, response } = exchange;
  const [, place = ''] = /^\/([^/]*)/.exec(path) ?? [];
  response.once('close', () => {
    if (!response.writableFinished) realm.count('closed');
  });
  const note = (status: number, accepted = false): Entry => {
    const headers = Object.fromEntries(exchange.headers);
    const { origin } = exchange;
    return realm.note(
      { method, path: path + search(query), origin, status, accepted, headers },
      exchange.body,
    );
  };

  if (place === 'token' || place === 'refresh') return void note(await token(realm, exchange), false);
  if (place === 'revoke') {
    realm.count('revocations');
    const family = realm.refresh.get(new URLSearchParams(exchange.body.toString()).get('token') ?? '');
    if (family) realm.end(family);
    note(200);
    return answer(response, 200, {});
  }
  realm.count('requests');
  if (place === 'login') {
    const next = realm.issue().access_token;
    note(200);
    return answer(
      response,
      200,
      {},
      { 'set-cookie': `at=${next}; Path=/r/${realm.id}/; HttpOnly; SameSite=Lax` },
    );
  }
  const redirect = /^\/move\/(\d+)/.exec(path)?.[1];
  if (redirect !== undefined) {
    note(Number(redirect));
    return answer(response, Number(redirect), '', { location: query.get('to') ?? '' });
  }
  const judge = protections[place];
  if (!judge) return answer(response, 404, 'no such place');
  const judgement = await judge(realm, exchange);
  await deliver(realm, exchange, judgement, note);
}

async function deliver(
  realm: Realm,
  exchange: Exchange,
  judgement: Judgement,
  note: (status: number, accepted: boolean) => Entry,
): Promise<void> {
  const { query, response } = exchange;
  if (judgement.refused) {
    realm.count('refused');
    if (realm.options.hidden) hide(exchange, 'WWW-Authenticate');
  }
  const status = judgement.refused ? (judgement.status ?? 401) : Number(query.get('status') ?? 200);
  const entry = note(status, !judgement.refused);
  await realm.pass(query.get('gate'));
  if (!judgement.refused) realm.count('accepted');
  if (query.has('drop') && !judgement.refused) return void response.destroy();
  const size = query.get(judgement.refused ? 'refusal' : 'size');
  if (size !== null && size !== 'never')
    return answer(response, status, Buffer.alloc(Number(size), 'x'), judgement.headers);
  if (size === 'never' || (!judgement.refused && query.has('never'))) {
    response.writeHead(status, { 'content-type': 'text/plain', ...judgement.headers });
    response.write('begun');
    return;
  }
  const { method, path, text, headers } = entry;
  const told = judgement.refused ? { error: 'refused' } : { method, path, text, headers };
  const body = status === 204 ? Buffer.alloc(0) : Buffer.from(JSON.stringify(told));
  answer(response, status, body, {
    'content-type': 'application/json',
    ...judgement.headers,
    ...judgement.seal?.(body),
  });
}

const search = (query: URLSearchParams) => (query.size > 0 ? `?${query}` : '');
