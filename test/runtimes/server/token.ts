import { hide } from './cors.ts';
import { answer, type Exchange } from './exchange.ts';
import type { Family, Realm } from './realm.ts';

/**
 * The token endpoint (RFC 6749, section 6) as `/token`, and a home-made one as `/refresh`: rotation, and a refresh token
 * that is used twice ends its family.
 */
export async function token(realm: Realm, exchange: Exchange): Promise<number> {
  realm.count('tokens');
  const homemade = exchange.path.startsWith('/refresh');
  const status = await decide(realm, exchange, homemade);
  return status;
}

async function decide(realm: Realm, exchange: Exchange, homemade: boolean): Promise<number> {
  const { response } = exchange;
  const form = new URLSearchParams(exchange.body.toString());
  const posted = homemade ? jsonMember(exchange.body, 'refreshToken') : form.get('refresh_token');
  const scripted = realm.script.shift();
  await realm.pass('token');
  if (scripted === 'drop') {
    response.destroy();
    return 0;
  }
  if (scripted !== undefined) {
    answer(response, scripted.status, scripted.body ?? {}, scripted.headers ?? {});
    return scripted.status;
  }
  if (realm.options.cookies) return renewCookie(realm, exchange);

  const refused = (error: string, headers: Record<string, string> = {}) => {
    const status = homemade ? 401 : 400;
    answer(response, status, { error }, headers);
    return status;
  };
  let jkt: string | undefined;
  if (realm.options.dpop) {
    try {
      const proof = await realm.proofs(exchange);
      jkt = proof.jkt;
      const { nonce } = realm.options;
      if (nonce && proof.claims['nonce'] !== nonce) return refused('use_dpop_nonce', { 'dpop-nonce': nonce });
    } catch (error) {
      return refused(`invalid_dpop_proof`, { 'x-why': String(error) });
    }
  }
  if (!homemade && form.get('grant_type') === 'client_credentials') {
    const family: Family = { user: 'service', current: '', ended: false, jkt };
    const { refresh_token: _, ...tokens } = realm.issue(family);
    answer(response, 200, tokens);
    return 200;
  }
  const family = posted === null ? undefined : realm.refresh.get(posted);
  if (family && !family.ended) family.jkt ??= jkt;
  if (!family || family.ended || family.jkt !== jkt) return refused('invalid_grant');
  if (family.current !== posted) {
    realm.count('reuse');
    realm.end(family);
    return refused('invalid_grant');
  }
  answer(response, 200, realm.issue(family), { pragma: 'no-cache' });
  return 200;
}

/** Tokens that no script reads: a cookie holds the access token's name, and every refresh sets another. */
function renewCookie(realm: Realm, exchange: Exchange): number {
  hide(exchange, 'Set-Cookie');
  const { access_token: next } = realm.issue();
  const cookie = `at=${next}; Path=/r/${realm.id}/; HttpOnly; SameSite=Lax`;
  answer(exchange.response, 200, { expires_in: realm.options.expiresIn ?? 3_600 }, { 'set-cookie': cookie });
  return 200;
}

function jsonMember(body: Buffer, name: string): string | null {
  try {
    const found = (JSON.parse(body.toString()) as Record<string, unknown>)[name];
    return typeof found === 'string' ? found : null;
  } catch {
    return null;
  }
}
