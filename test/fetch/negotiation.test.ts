import { describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import type { Challenge } from '../../src/protocol/challenge.js';
import { apiKey } from '../../src/schemes/api-key.js';
import type { Auth } from '../../src/schemes/auth.js';
import { basic } from '../../src/schemes/basic.js';
import { bearer } from '../../src/schemes/bearer.js';
import { digest as realDigest } from '../../src/schemes/digest/digest.js';
import type { Scheme, Target } from '../../src/schemes/scheme.js';
import { FakeCore, ORIGIN, refuse, sessionOver, stubFetch } from './support.js';

const URL_ = `${ORIGIN}/x`;
const user = { username: 'u', password: 'p' };
const BASIC = 'Basic dTpw';

/** As Digest does: sends nothing before it was asked, then preemptively; answers what it has an algorithm for. */
function digest(password: string | undefined = 'pw'): Scheme {
  let nonce: string | undefined;
  const write = (one: string | undefined) =>
    one === undefined || password === undefined
      ? undefined
      : { headers: { Authorization: `Digest ${one}:${password}` }, version: `${one}:${password}` };
  return {
    name: 'digest',
    credentials(_target: Target, challenge?: Challenge) {
      if (challenge !== undefined) nonce = challenge.params['nonce'];
      return write(nonce);
    },
    remedy: (challenge, refused) =>
      challenge?.scheme === 'digest' && /^(?:MD5|SHA-256)$/.test(challenge.params['algorithm'] ?? 'MD5')
        ? refused === undefined || challenge.params['stale'] === 'true'
          ? 'answer'
          : undefined
        : undefined,
  };
}

function over(auth: Auth, answer: (authorization: string | null, count: number) => Response) {
  const stub = stubFetch(({ authorization }, count) => answer(authorization, count));
  const sent = () => stub.seen.map(({ authorization }) => authorization);
  return { ...stub, sent, authFetch: createAuthFetch({ origins: ORIGIN, auth, fetch: stub.fetch }) };
}

/** A server that takes Digest with one password, and Basic. */
const both = (authorization: string | null) =>
  authorization?.endsWith(':pw') || authorization === BASIC
    ? new Response()
    : refuse('Basic realm="r", Digest realm="r", nonce="n"');

describe('several schemes: the strongest', () => {
  it.each([
    ['Digest before Basic', () => [digest(), basic(user)], 'Digest n:pw'],
    ['Basic before Digest', () => [basic(user), digest()], BASIC],
  ])('is answered in the order of the user: %s', async (_order, auth, expected) => {
    const { authFetch, sent } = over(auth(), both);
    expect((await authFetch(URL_)).status).toBe(200);
    expect(sent().at(-1)).toBe(expected);
  });

  it('is answered that can be: an algorithm that nobody knows is passed over', async () => {
    const { authFetch, sent } = over([digest(), basic(user)], (authorization) =>
      authorization === BASIC
        ? new Response()
        : refuse('Digest realm="r", nonce="n", algorithm=NEW, Basic realm="r"'),
    );
    expect((await authFetch(URL_)).status).toBe(200);
    expect(sent()).toEqual([null, BASIC]);
  });

  it('is passed over where the app has nothing for it', async () => {
    const silent: Scheme = { ...digest(), credentials: () => undefined };
    const { authFetch, sent } = over([silent, basic(user)], both);
    expect((await authFetch(URL_)).status).toBe(200);
    expect(sent()).toEqual([null, BASIC]);
  });
});

describe('several schemes: the way down', () => {
  it('is not gone after Digest was refused', async () => {
    const { authFetch, sent } = over([digest('wrong'), basic(user)], both);
    const response = await authFetch(URL_);
    expect(response.status).toBe(401);
    expect(outcomeOf(response)).toMatchObject({ reason: 'refused-again', sendings: 2 });
    expect(await response.text()).toBe('refused');
    expect(sent()).toEqual([null, 'Digest n:wrong']);
  });

  it('is not gone where the second challenge offers Basic alone', async () => {
    const { authFetch, sent } = over([digest(), basic(user)], (authorization) =>
      authorization === null ? refuse('Digest realm="r", nonce="n"') : refuse('Basic realm="r"'),
    );
    expect(outcomeOf(await authFetch(URL_))).toMatchObject({ reason: 'refused-again', sendings: 2 });
    expect(sent()).toEqual([null, 'Digest n:pw']);
  });

  it('is not gone where Digest, sent preemptively because it worked, meets Basic alone', async () => {
    let isHostile = false;
    const { authFetch, sent } = over([digest(), basic(user)], (authorization) => {
      if (isHostile) return refuse('Basic realm="r"');
      return authorization === null ? refuse('Digest realm="r", nonce="n"') : new Response();
    });
    await authFetch(URL_);
    isHostile = true;
    expect(outcomeOf(await authFetch(URL_))).toMatchObject({ reason: 'refused-again', sendings: 1 });
    expect(sent()).toEqual([null, 'Digest n:pw', 'Digest n:pw']);
  });

  it('is not gone from a session whose tokens the server knows, and its reason is told', async () => {
    const core = new FakeCore();
    core.renew = () => ({ undelivered: 'no-refresh-token' });
    const { authFetch, sent } = over([sessionOver(core), basic(user)], () =>
      refuse('Bearer error="invalid_token", Basic realm="r"'),
    );
    expect(outcomeOf(await authFetch(URL_))?.reason).toBe('no-refresh-token');
    expect(sent()).toEqual(['Bearer t1']);
  });

  it('is gone from what was sent unasked to a server that does not know it', async () => {
    const { authFetch, sent } = over([bearer('token'), basic(user)], (authorization) =>
      authorization === BASIC ? new Response() : refuse('Basic realm="camera"'),
    );
    expect((await authFetch(URL_)).status).toBe(200);
    expect(sent()).toEqual(['Bearer token', BASIC]);
  });

  it('is gone to a fallback, where the user asks for it', async () => {
    const { authFetch, sent } = over([digest('wrong'), { ...basic(user), fallback: true }], both);
    expect((await authFetch(URL_)).status).toBe(200);
    expect(sent()).toEqual([null, 'Digest n:wrong', BASIC]);
  });

  it('is gone to a fallback where a session has nothing else, also when that is known later', async () => {
    for (const later of [false, true]) {
      const core = new FakeCore();
      const over_ = { undelivered: 'no-refresh-token' } as const;
      core.renew = () => (later ? Promise.resolve(over_) : over_);
      const auth = [sessionOver(core), { ...basic(user), fallback: true }];
      const { authFetch, sent } = over(auth, (authorization) =>
        authorization === BASIC ? new Response() : refuse('Bearer error="invalid_token", Basic realm="r"'),
      );
      expect((await authFetch(URL_)).status).toBe(200);
      expect(sent()).toEqual(['Bearer t1', BASIC]);
    }
  });

  it('leads up again: Basic was refused, Digest is asked for', async () => {
    const { authFetch, sent } = over([digest(), basic(user)], (authorization) =>
      authorization === null
        ? refuse('Basic realm="r"')
        : authorization === BASIC
          ? refuse('Digest realm="r", nonce="n"')
          : new Response(),
    );
    expect((await authFetch(URL_)).status).toBe(200);
    expect(sent()).toEqual([null, BASIC, 'Digest n:pw']);
  });
});

describe('digest before basic', () => {
  const field =
    'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256, Digest realm="r", nonce="n", qop="auth", Basic realm="r"';

  it('sends one hash of a wrong password, then no weaker hash, and no password', async () => {
    const { authFetch, sent } = over([realDigest(user), basic(user)], () => refuse(field));
    expect(outcomeOf(await authFetch(URL_))).toMatchObject({ reason: 'refused-again', sendings: 2 });
    expect(sent()).toEqual([null, expect.stringMatching(/^Digest .*algorithm=SHA-256/)]);
  });

  it('sends the password where that is a fallback', async () => {
    const auth = [realDigest(user), { ...basic(user), fallback: true }];
    const { authFetch, sent } = over(auth, (authorization) =>
      authorization === BASIC ? new Response() : refuse(field),
    );
    expect((await authFetch(URL_)).status).toBe(200);
    expect(sent()).toEqual([null, expect.stringMatching(/^Digest /), BASIC]);
  });
});

describe('several challenges of one scheme', () => {
  it('are each put to it, and the first that it can answer is answered', async () => {
    const { authFetch, sent } = over(digest(), (authorization) =>
      authorization === null
        ? refuse('Digest realm="r", nonce="a", algorithm=NEW, Digest realm="r", nonce="b", algorithm=SHA-256')
        : new Response(),
    );
    expect((await authFetch(URL_)).status).toBe(200);
    expect(sent()).toEqual([null, 'Digest b:pw']);
  });

  it('ask the app for each realm until it has something', async () => {
    const ask = vi.fn(({ realm }: { realm: string | undefined }) => (realm === 'b' ? user : undefined));
    const { authFetch, sent } = over(basic(ask), (authorization) =>
      authorization === BASIC ? new Response() : refuse('Basic realm="a", Basic realm="b"'),
    );
    expect((await authFetch(URL_)).status).toBe(200);
    expect(ask.mock.calls.map(([{ realm }]) => realm)).toEqual(['a', 'b']);
    expect(sent()).toEqual([null, BASIC]);
  });

  it('ask the app for four realms at most', async () => {
    const ask = vi.fn(() => undefined);
    const realms = Array.from({ length: 500 }, (_, i) => `Basic realm="${i}"`).join(', ');
    const { authFetch } = over(basic(ask), () => refuse(realms));
    expect(outcomeOf(await authFetch(URL_))).toMatchObject({ reason: 'no-credentials', sendings: 1 });
    expect(ask).toHaveBeenCalledTimes(4);
  });

  it('are gone through where the first is answered with what was refused', async () => {
    const scheme: Scheme = {
      name: 'keys',
      credentials: (_target, challenge) => {
        const key = challenge?.params['realm'] === 'b' ? '2' : '1';
        return { headers: { Authorization: `Keys ${key}` }, version: key };
      },
      remedy: (challenge) => (challenge?.scheme === 'keys' ? 'answer' : undefined),
    };
    const { authFetch, sent } = over(scheme, (authorization) =>
      authorization === 'Keys 2' ? new Response() : refuse('Keys realm="a", Keys realm="b"'),
    );
    expect((await authFetch(URL_)).status).toBe(200);
    expect(sent()).toEqual(['Keys 1', 'Keys 2']);
    const never = over(scheme, () => refuse('Keys realm="a"'));
    expect(outcomeOf(await never.authFetch(URL_))?.reason).toBe('refused-again');
  });
});

describe('what worked', () => {
  it('is not what a public page was sent unasked: the way to another scheme stays open', async () => {
    const { authFetch, seen, sent } = over([bearer('token'), basic(user)], (authorization, count) =>
      count === 1 || authorization === BASIC ? new Response() : refuse('Basic realm="r"'),
    );
    await authFetch(URL_);
    expect((await authFetch(URL_)).status).toBe(200);
    expect((await authFetch(URL_)).status).toBe(200);
    expect(sent()).toEqual(['Bearer token', 'Bearer token', BASIC, BASIC]);
    expect(seen).toHaveLength(4);
  });

  it('is sent unasked the next time, and forgotten when it is refused and nothing else is left', async () => {
    let takes = true;
    const auth = [apiKey({ header: 'X-Key', value: 'k' }), basic(user)];
    const { authFetch, sent } = over(auth, (authorization) =>
      authorization === BASIC && takes ? new Response() : refuse('Basic realm="r"'),
    );
    await authFetch(URL_);
    await authFetch(URL_);
    expect(sent()).toEqual([null, BASIC, BASIC]);
    takes = false;
    expect((await authFetch(URL_)).status).toBe(401);
    takes = true;
    await authFetch(URL_);
    expect(sent().slice(3)).toEqual([BASIC, null, BASIC]);
  });

  it('is remembered while a 403 or a 500 says nothing about it', async () => {
    let status = 200;
    const auth = [apiKey({ header: 'X-Key', value: 'k' }), basic(user)];
    const { authFetch, sent } = over(auth, (authorization) =>
      authorization === BASIC
        ? new Response(null, { status, headers: { 'www-authenticate': 'Bearer error="insufficient_scope"' } })
        : refuse('Basic realm="r"'),
    );
    await authFetch(URL_);
    for (status of [403, 500, 200]) expect((await authFetch(URL_)).status).toBe(status);
    expect(sent()).toEqual([null, BASIC, BASIC, BASIC, BASIC]);
  });
});
