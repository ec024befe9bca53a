import { digestRefusal } from './digest.ts';
import type { Exchange } from './exchange.ts';
import type { Realm } from './realm.ts';

export interface Judgement {
  readonly refused: boolean;
  readonly status?: number;
  readonly headers?: Record<string, string | string[]>;
  /** Header fields that cover the body. */
  readonly seal?: (body: Uint8Array) => Record<string, string>;
}

type Protection = (realm: Realm, exchange: Exchange) => Judgement | Promise<Judgement>;

export const USER = { username: 'Mufasa', password: 'Circle of Life' } as const;

const refusal = (challenge: string | string[], headers: Record<string, string> = {}): Judgement => ({
  refused: true,
  headers: { ...(challenge === '' ? {} : { 'www-authenticate': challenge }), ...headers },
});
const GRANTED: Judgement = { refused: false };

const bearer: Protection = (realm, { headers }) => {
  const [, sent] = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '') ?? [];
  if (sent === undefined) return refusal('Bearer realm="api"');
  return realm.access.get(sent)?.valid ? GRANTED : refusal('Bearer realm="api", error="invalid_token"');
};

const basic: Protection = (_, { headers }) => {
  const right = Buffer.from(`${USER.username}:${USER.password}`).toString('base64');
  return headers.get('authorization') === `Basic ${right}`
    ? GRANTED
    : refusal('Basic realm="vault", charset="UTF-8"');
};

/** What each place of a realm asks for. */
export const protections: Readonly<Record<string, Protection>> = {
  open: () => GRANTED,
  api: bearer,
  /** Refuses whatever comes. */
  never: () => refusal('Bearer realm="api", error="invalid_token"'),
  /** A 401 that names no scheme, which RFC 9110, section 15.5.2, forbids and servers do. */
  silent: async (realm, exchange) => ({ refused: (await bearer(realm, exchange)).refused }),
  forbidden: () => ({
    refused: true,
    status: 403,
    headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="write"' },
  }),
  /** Two fields, and what they ask for in either; a parameter with a comma in it. */
  async two(realm, exchange) {
    const found = [await bearer(realm, exchange), await basic(realm, exchange)];
    if (found.some(({ refused }) => !refused)) return GRANTED;
    return refusal(['Bearer realm="a, b", error="invalid_token"', 'Basic realm="vault"']);
  },
  latin: () => refusal('Bearer realm="Z\u00fcrich", error="invalid_token"'),
  basic,
  digest(realm, exchange) {
    const judged = digestRefusal(exchange, USER, realm.options.nonce ?? `n-${realm.id}`);
    if ('challenge' in judged) return refusal(judged.challenge);
    return { refused: false, seal: (body) => ({ 'authentication-info': judged.info(body) }) };
  },
  key: (_, { headers, query }) =>
    headers.get('x-api-key') === 'key-1' || query.get('api_key') === 'key-1' ? GRANTED : refusal('ApiKey'),
  cookie(realm, { headers }) {
    const sent = /(?:^|; )at=([^;]+)/.exec(headers.get('cookie') ?? '')?.[1] ?? '';
    return realm.access.get(sent)?.valid ? GRANTED : refusal('Cookie');
  },
  async dpop(realm, exchange) {
    const { nonce } = realm.options;
    const challenge = (error: string) =>
      refusal(`DPoP error="${error}", algs="ES256"`, nonce === undefined ? {} : { 'dpop-nonce': nonce });
    const [, sent = ''] = /^DPoP (.+)$/.exec(exchange.headers.get('authorization') ?? '') ?? [];
    try {
      const proof = await realm.proofs(exchange, sent);
      if (nonce !== undefined && proof.claims['nonce'] !== nonce) return challenge('use_dpop_nonce');
      const access = realm.access.get(sent);
      return access?.valid && access.family.jkt === proof.jkt ? GRANTED : challenge('invalid_token');
    } catch {
      return challenge('invalid_dpop_proof');
    }
  },
};
