import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen } from './oidc/loopback.ts';

/** What becomes of one request: answered; spent, and the answer lost at once or in its middle; never seen. */
export type Fate = 'answered' | 'dropped' | 'cut' | 'unseen';

/** What the server makes of a refresh token that was spent before. */
export type Spent = 'grace' | 'refused' | 'family-revoked';

/** A token endpoint on loopback that rotates, for OAuth and for home-made refreshes; what is lost is up to the test. */
export async function startRotating(spent: Spent) {
  const { server, origin, stop } = await listen();
  const fates: Fate[] = [];
  const posted: string[] = [];
  /** The refresh tokens that are good, and those that were replaced. */
  const [good, old] = [new Set(['rt-0']), new Set<string>()];
  let minted = 0;

  const renew = (token: string): object | undefined => {
    if (old.has(token) && spent === 'family-revoked') good.clear();
    const isGood = good.has(token) || (old.has(token) && spent === 'grace');
    if (!isGood) return undefined;
    good.delete(token);
    old.add(token);
    minted++;
    good.add(`rt-${minted}`);
    return {
      access_token: `at-${minted}`,
      token_type: 'Bearer',
      refresh_token: `rt-${minted}`,
      expires_in: 300,
    };
  };
  const answer = (token: string, response: ServerResponse) => {
    posted.push(token);
    const fate = fates.shift() ?? 'answered';
    if (fate === 'unseen') return void response.destroy();
    const tokens = renew(token);
    if (fate === 'dropped') return void response.destroy();
    const body = JSON.stringify(tokens ?? { error: 'invalid_grant' });
    response.writeHead(tokens ? 200 : 400, {
      'content-type': 'application/json',
      'content-length': String(body.length),
    });
    if (fate !== 'cut') return void response.end(body);
    response.write(body.slice(0, -10));
    setTimeout(() => response.destroy(), 20);
  };
  server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
    const token = isForm ? new URLSearchParams(text).get('refresh_token') : JSON.parse(text).refreshToken;
    answer(String(token), response);
  });
  return { url: `${origin}/token`, fates, posted, renew, stop };
}
