import { env, waitUntil } from 'cloudflare:workers';
import {
  basic,
  createAuthClient,
  createAuthFetch,
  createSession,
  customStore,
  memoryStore,
  refreshEndpoint,
  type SessionEvent,
  type TokenInput,
} from 'latchkey';
import { clientCredentialsGrant, oauthProvider, refreshTokenGrant } from 'latchkey/oauth';

// A worker as its users write one: all that latchkey makes is made once, in the scope of the module.
const { CONTROL = '', REALM = '', ISSUER = '', TOKENS = '', GRANT = 'refresh', STORE = 'memory', KV } = env;
const events: SessionEvent[] = [];

const initial = TOKENS === '' ? undefined : (JSON.parse(TOKENS) as TokenInput);
const store =
  STORE === 'kv'
    ? customStore({
        async read() {
          await fetch(`${REALM}/open/store?gate=store`);
          return KV?.get('session');
        },
        write: (text) => KV?.put('session', text),
      })
    : memoryStore(initial);
const provider = oauthProvider(
  GRANT === 'discovered'
    ? { issuer: ISSUER, clientId: 'worker', clientSecret: 'secret' }
    : { tokenEndpoint: `${REALM}/token`, clientId: 'worker', clientSecret: 'secret' },
);
/** How much later than it is the session believes it to be, in milliseconds. */
let ahead = 0;
const options = {
  store,
  now: () => Date.now() + ahead,
  ...(env['WAIT_UNTIL'] === 'yes' ? { waitUntil } : {}),
  ...(env['TIMEOUT_MS'] === undefined ? {} : { refreshTimeoutMs: Number(env['TIMEOUT_MS']) }),
  observe: (event: SessionEvent) => void events.push(event),
};
const made = () =>
  createSession(
    GRANT === 'refresh'
      ? { ...options, refresh: refreshEndpoint(`${REALM}/refresh`) }
      : GRANT === 'oauth'
        ? { ...options, refresh: refreshTokenGrant(provider) }
        : { ...options, acquire: clientCredentialsGrant(provider) },
  );
const session = made();
/** Another one of the same place. */
const second = made();
const api = createAuthClient({ baseUrl: `${REALM}/`, auth: session, timeout: false });
const beside = createAuthFetch({ baseUrl: `${REALM}/`, auth: second });
const uploads = createAuthFetch({ baseUrl: `${REALM}/`, auth: session, maxReplayBytes: 65_536 });
let asked = 0;
let begun = 0;
const people = createAuthFetch({
  baseUrl: `${REALM}/`,
  auth: basic(async () => {
    asked++;
    await fetch(`${REALM}/open/people?gate=people`);
    return { username: 'Mufasa', password: 'Circle of Life' };
  }),
});

/** Resolves as soon as the server has counted that much. */
const until = (least: object) =>
  fetch(`${CONTROL}/r/${/\w+$/.exec(REALM)?.[0]}/until`, { method: 'POST', body: JSON.stringify(least) });

const routes: Record<string, (query: URLSearchParams) => Promise<Response>> = {
  call(query) {
    begun++;
    return api.fetch(`${REALM}/api/${query.get('n')}`);
  },
  beside: (query) => beside(`${REALM}/api/${query.get('n')}`),
  people: (query) => people(`${REALM}/basic/${query.get('n')}`),
  /** Begins a call, and answers as soon as the server has seen what it leads to: the request is over before the call is. */
  async leave(query) {
    const call = routes[query.get('to') ?? 'call']?.(query);
    call?.catch(() => {});
    await until(JSON.parse(query.get('until') ?? '{}') as object);
    return new Response('left');
  },
  upload: () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    writer.write(new Uint8Array(70_000)).catch(() => {});
    writer
      .write(new Uint8Array(70_000))
      .then(() => writer.close())
      .catch(() => {});
    const init = { method: 'POST', body: readable, duplex: 'half' };
    return uploads(`${REALM}/api/upload`, init as RequestInit);
  },
  async later(query) {
    ahead += Number(query.get('ms'));
    return new Response('later');
  },
  async 'sign-out'() {
    await session.signOut();
    return new Response('out');
  },
  told: async () => Response.json({ events, asked, begun }),
};

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    try {
      const response = await routes[pathname.slice(1)]?.(searchParams);
      return response ?? new Response('no such route', { status: 404 });
    } catch (error) {
      const { code, name, message } = error as { code?: string; name: string; message: string };
      return Response.json({ code, name, message }, { status: 599 });
    }
  },
};
