import {
  createAuthClient,
  explain,
  isAuthError,
  isSignInRequired,
  isUnauthorizedError,
  SignedOutError,
} from 'latchkey';
import * as copy from 'latchkey-copy';
import { group } from '../group.ts';
import { counted, refusedNext, signedIn } from '../session.ts';

export const errors = group('errors', {
  'of another copy of the package are known by their brand, not their class': async (t) => {
    t.expect.ok(copy.SignedOutError !== SignedOutError, 'they are two copies');
    const theirs = new copy.SignedOutError();
    t.expect.ok(!(theirs instanceof SignedOutError), 'another class');
    t.expect.ok(isAuthError(theirs) && isSignInRequired(theirs), 'theirs here');
    t.expect.ok(copy.isAuthError(new SignedOutError()), 'ours there');
    const { realm, session } = await signedIn(t);
    await realm.end();
    const api = createAuthClient({ baseUrl: `${realm.url}/`, auth: session });
    const error = await t.expect.rejects(api.get('api/x').text(), 'the call');
    t.expect.ok(isUnauthorizedError(error) && copy.isUnauthorizedError(error), 'UnauthorizedError in both');
  },

  'are Errors with a name, a code, and a stack or none': async (t) => {
    const error = new SignedOutError();
    t.expect.ok(error instanceof Error, 'an Error');
    t.expect.equal(
      [error.name, error.code, String(error)],
      ['SignedOutError', 'signed-out', 'SignedOutError: The session is signed out'],
      'it',
    );
  },

  'that are the platform’s own come through as they are: nothing is refreshed': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    const url = `${realm.url}/open/x?drop=1`;
    const plain = await t.expect.rejects(t.fetch(url), 'plain fetch');
    const error = await t.expect.rejects(authFetch(url), 'the auth fetch');
    t.expect.equal([error.name, error.message], [plain.name, plain.message], 'the same');
    t.expect.ok(!isAuthError(error), 'not ours');
    t.expect.equal(await counted(realm, 'tokens'), { tokens: 0 }, 'at the server');
  },

  'and events hold no token': async (t) => {
    const told: unknown[] = [];
    const observe = (event: unknown) => told.push(event);
    const { realm, authFetch, session } = await refusedNext(t, {
      realm: { script: [{ status: 500, body: 'x' }, { status: 500 }, { status: 500 }] },
      session: { observe },
      fetch: { observe },
    });
    const { accessToken } = await session.token();
    told.push(await t.expect.rejects(authFetch(`${realm.url}/api/x?token=in-the-query`), 'the call'));
    t.expect.ok(told.length >= 3, `${told.length} things were told`);
    const text = told.map(everything).join('\n');
    for (const secret of [accessToken, 'rt-', 'in-the-query']) {
      t.expect.ok(!text.includes(secret), `${secret} is told: ${text}`);
    }
    t.expect.ok(text.includes('refresh-unavailable'), 'what happened is told');
  },

  'are explained in words, the network’s too': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    const network = await t.expect.rejects(authFetch(`${realm.url}/api/x?drop=1`), 'the call');
    t.expect.match(explain(network), /network|connection|server/i, 'a connection that broke');
    await realm.end();
    const refused = await authFetch(`${realm.url}/api/x`);
    t.expect.match(explain(refused), /^401 from .*\/api\/x: /, 'a refusal');
  },

  'for misuse are TypeErrors that name the option': async (t) => {
    const { session } = await signedIn(t);
    const made = Promise.resolve().then(() =>
      createAuthClient({ baseUrl: 'https://api.example/', auth: session, maxReplayBytes: -1 }),
    );
    const error = await t.expect.rejects(made, 'createAuthClient');
    t.expect.match(String(error), /^TypeError: .*maxReplayBytes/, 'the error');
  },
});

/** What `console.log` or an error reporter could make of it. */
function everything(of: unknown): string {
  const seen = new Set<unknown>();
  const walk = (value: unknown): string => {
    if (typeof value !== 'object' || value === null) return String(value);
    if (seen.has(value)) return '';
    seen.add(value);
    const names = Object.getOwnPropertyNames(value);
    return names.map((name) => `${name}: ${walk((value as Record<string, unknown>)[name])}`).join(', ');
  };
  return walk(of);
}
