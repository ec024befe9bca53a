import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSession } from '../../src/index.js';
import { type DevicePrompt, deviceAuthorization, type ProviderOptions } from '../../src/oauth/index.js';
import { idle, stateOf } from '../support/races-watch.js';
import {
  authorizationServer,
  context,
  issuer,
  json,
  metadata,
  metadataUrl,
  rejection,
  tokens,
  tokenUrl,
} from './authorization-server.js';
import { able, clientId, deviceUrl } from './flow.js';

const now = 1_800_000_000_000;
beforeEach(() => {
  vi.useFakeTimers({ now });
});
afterEach(() => {
  vi.useRealTimers();
});

const device = {
  device_code: 'd3vice',
  user_code: 'WDJB-MJHT',
  verification_uri: 'https://id.example.com/device',
  expires_in: 600,
};
const pending = () => json({ error: 'authorization_pending' }, 400);
const slowDown = () => json({ error: 'slow_down' }, 400);
const done = () => json(tokens);
type Answer = (() => Response | Promise<Response>) | Error;

/** A server that answers the questions in turn, and when they came, in seconds after the code. */
function polling(answers: readonly Answer[], of: { device?: object; options?: object } = {}) {
  const at: number[] = [];
  let asked = 0;
  const server = authorizationServer({
    [metadataUrl]: () => able(),
    [deviceUrl]: () => json({ ...device, ...of.device }),
    [tokenUrl]: () => {
      at.push((Date.now() - now) / 1_000);
      const answer = answers[Math.min(asked++, answers.length - 1)];
      if (answer instanceof Error) throw answer;
      return (answer as () => Response)();
    },
  });
  const prompts: DevicePrompt[] = [];
  const acquire = deviceAuthorization({ issuer, clientId, ...of.options } as ProviderOptions, {
    show: (prompt) => prompts.push(prompt),
  });
  const controller = new AbortController();
  const start = () => stateOf(acquire(context(server.fetch, controller.signal)));
  return { ...server, at, prompts, acquire, controller, start };
}

describe('deviceAuthorization', () => {
  it.each([undefined, null, {}, { show: 'x' }])('takes no options %j', (options) => {
    const make = deviceAuthorization as unknown as (...given: unknown[]) => unknown;
    expect(() => make({ issuer, clientId }, options)).toThrow(/^show must be a function/);
  });

  const unusable: [string, object][] = [
    ['device_code', { device_code: undefined }],
    ['device_code', { device_code: '' }],
    ['device_code', { device_code: 5 }],
    ['user_code', { user_code: null }],
    ['user_code', { user_code: '\u001b[2JWDJB' }],
    ['user_code', { user_code: 'x'.repeat(101) }],
    ['verification_uri', { verification_uri: undefined }],
    ['verification_uri', { verification_uri: 'javascript:alert(1)' }],
    ['verification_uri', { verification_uri: 'http://id.example.com/device' }],
    ['verification_uri', { verification_uri: 'https://user:pw@id.example.com/' }],
    ['expires_in', { expires_in: undefined }],
    ['expires_in', { expires_in: 0 }],
    ['expires_in', { expires_in: -5 }],
    ['expires_in', { expires_in: 'soon' }],
  ];
  it.each(unusable)('refuses an answer whose %s is unusable: %j', async (name, more) => {
    const { start, prompts, at } = polling([done], { device: more });
    const state = start();
    await idle();
    expect(state.error).toMatchObject({ code: 'token-response', issues: [{ path: [name] }] });
    expect([prompts.length, at.length]).toEqual([0, 0]);
  });

  it.each<[string, () => Response, string]>([
    ['an OAuth error', () => json({ error: 'unauthorized_client' }, 400), 'refresh-misconfigured'],
    ['another refusal', () => new Response('no', { status: 404 }), 'refresh-misconfigured'],
    [
      'a redirect',
      () => new Response(null, { status: 307, headers: { location: 'https://evil.test/' } }),
      'refresh-misconfigured',
    ],
    ['no JSON', () => new Response('<html>'), 'token-response'],
    ['an empty answer', () => json(null), 'token-response'],
  ])('fails with %s in place of a code', async (_, answer, code) => {
    const { fetch, requests } = authorizationServer({ [metadataUrl]: () => able(), [deviceUrl]: answer });
    const acquire = deviceAuthorization({ issuer, clientId }, { show() {} });
    expect(await rejection(acquire(context(fetch)))).toMatchObject({ code });
    expect(requests.some(({ url }) => url.includes('evil'))).toBe(false);
  });

  it('hands a busy server to the session, and fails where there is no endpoint', async () => {
    const acquire = deviceAuthorization({ issuer, clientId }, { show() {} });
    const busy = authorizationServer({
      [metadataUrl]: () => able(),
      [deviceUrl]: new Response(null, { status: 503, headers: { 'retry-after': '9' } }),
    });
    const answer = (await acquire(context(busy.fetch))) as Response;
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '9']);
    const discovery = authorizationServer({ [metadataUrl]: new Response(null, { status: 503 }) });
    const other = deviceAuthorization({ issuer, clientId }, { show() {} });
    expect(((await other(context(discovery.fetch))) as Response).status).toBe(503);
    const without = authorizationServer({ [metadataUrl]: () => metadata() });
    const third = deviceAuthorization({ issuer, clientId }, { show() {} });
    expect(await rejection(third(context(without.fetch)))).toMatchObject({
      code: 'refresh-misconfigured',
      message: expect.stringContaining('device_authorization_endpoint is not known'),
    });
  });

  it('ends with what `show` throws, at once or later, and asks nothing', async () => {
    const bug = new Error('no display');
    for (const show of [
      () => {
        throw bug;
      },
      () => Promise.reject(bug),
    ]) {
      const { fetch, to } = authorizationServer({
        [metadataUrl]: () => able(),
        [deviceUrl]: () => json(device),
      });
      const acquire = deviceAuthorization({ issuer, clientId }, { show: show as () => void });
      const state = stateOf(acquire(context(fetch)));
      await idle();
      expect(state.error).toBe(bug);
      await vi.advanceTimersByTimeAsync(60_000);
      expect([to(tokenUrl).length, vi.getTimerCount()]).toEqual([0, 0]);
    }
  });

  it.each(['access_denied', 'expired_token', 'invalid_grant'])('stops at %s, and says so', async (error) => {
    const { start, at } = polling([pending, () => json({ error, error_description: 'd3vice' }, 400)]);
    const state = start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(state.error).toMatchObject({ code: 'refresh-rejected', error, signInRequired: true });
    expect(inspect(state.error, { depth: 9, showHidden: true })).not.toContain('d3vice');
    expect([at, vi.getTimerCount()]).toEqual([[5, 10], 0]);
  });

  it('stops at every other error', async () => {
    const { start, at } = polling([() => json({ error: 'invalid_client' }, 401)]);
    const state = start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([state.error, at]).toMatchObject([
      { code: 'refresh-misconfigured', error: 'invalid_client' },
      [5],
    ]);
  });

  it('stops when the code has run out, with the server silent about it', async () => {
    const { start, at } = polling([pending], { device: { expires_in: 12 } });
    const state = start();
    await vi.advanceTimersByTimeAsync(12_000);
    expect(state.error).toMatchObject({ code: 'refresh-rejected', error: 'expired_token' });
    expect([at, vi.getTimerCount()]).toEqual([[5, 10], 0]);
  });

  it('waits for no code longer than 30 minutes', async () => {
    const { start, prompts } = polling([pending], { device: { expires_in: 1e9 } });
    const state = start();
    await vi.advanceTimersByTimeAsync(1_800_000);
    expect(prompts[0]?.expiresAt).toBe(now + 1_800_000);
    expect([state.is, vi.getTimerCount()]).toEqual(['rejected', 0]);
  });

  it.each([5_000, 7_000])(
    'stops at once when its signal aborts after %i ms, and leaves no timer',
    async (ms) => {
      const { start, controller, at, requests } = polling([pending, () => new Promise<Response>(() => {})]);
      const state = start();
      await vi.advanceTimersByTimeAsync(ms);
      const reason = new Error('enough');
      controller.abort(reason);
      await idle();
      expect([state.error, vi.getTimerCount()]).toEqual([reason, 0]);
      const asked = at.length;
      await vi.advanceTimersByTimeAsync(60_000);
      expect([at.length, requests.length]).toEqual([asked, 2 + asked]);
    },
  );

  it('stops at once when its signal aborts while a question is under way', async () => {
    const { start, controller } = polling([() => new Promise<Response>(() => {})]);
    const state = start();
    await vi.advanceTimersByTimeAsync(6_000);
    const reason = new Error('enough');
    controller.abort(reason);
    await idle();
    expect([state.error, vi.getTimerCount()]).toEqual([reason, 0]);
  });

  it('asks every 5 s where the server names no interval', async () => {
    const { start, at } = polling([pending, pending, done]);
    const state = start();
    await vi.advanceTimersByTimeAsync(15_000);
    expect([at, state.value, vi.getTimerCount()]).toEqual([[5, 10, 15], tokens, 0]);
  });

  it.each([
    [2, [2, 4]],
    ['2', [2, 4]],
    [0, [1, 2]],
    [0.01, [1, 2]],
    [-3, [5, 10]],
    ['often', [5, 10]],
    [null, [5, 10]],
    [{}, [5, 10]],
  ])('asks with an interval of %j at %j', async (interval, expected) => {
    const { start, at } = polling([pending, done], { device: { interval } });
    start();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(at).toEqual(expected);
  });

  it('asks nothing before the end with an interval that is longer than the code lives', async () => {
    const { start, at } = polling([done], { device: { interval: 1e12, expires_in: 30 } });
    const state = start();
    await vi.advanceTimersByTimeAsync(30_000);
    expect([at, state.error]).toMatchObject([[], { error: 'expired_token' }]);
  });

  it('adds 5 s at every slow_down, for good', async () => {
    const { start, at } = polling([slowDown, pending, slowDown, pending, done]);
    start();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(at).toEqual([5, 15, 25, 40, 55]);
  });

  it.each<[string, Answer]>([
    ['a network failure', new TypeError('fetch failed')],
    ['a busy server', () => new Response(null, { status: 503 })],
    ['a server that says so', () => json({ error: 'temporarily_unavailable' }, 400)],
  ])('doubles the pause at %s until an answer comes', async (_, failure) => {
    const { start, at } = polling([failure, failure, failure, pending, done]);
    const state = start();
    await vi.advanceTimersByTimeAsync(200_000);
    expect([at, state.value]).toEqual([[5, 15, 35, 75, 80], tokens]);
  });

  it('never pauses for more than a minute because of failures', async () => {
    const { start, at } = polling([new TypeError('fetch failed')]);
    start();
    await vi.advanceTimersByTimeAsync(300_000);
    expect(at).toEqual([5, 15, 35, 75, 135, 195, 255]);
  });

  it('waits as long as Retry-After says', async () => {
    const busy = () => new Response(null, { status: 429, headers: { 'retry-after': '30' } });
    const { start, at } = polling([busy, pending, done]);
    start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(at).toEqual([5, 35, 40]);
  });

  it('takes a question that is not answered within 10 s for a failure', async () => {
    const { start, at } = polling([() => new Promise<Response>(() => {}), done]);
    const state = start();
    await vi.advanceTimersByTimeAsync(25_000);
    expect([at, state.value]).toEqual([[5, 25], tokens]);
  });

  it('shows the code once, before the first question', async () => {
    const complete = `${device.verification_uri}?code=WDJB-MJHT`;
    const { start, prompts, at } = polling([pending, done], {
      device: { verification_uri_complete: complete },
    });
    start();
    await idle();
    expect([prompts, at]).toEqual([
      [
        {
          userCode: 'WDJB-MJHT',
          verificationUri: device.verification_uri,
          verificationUriComplete: complete,
          expiresAt: now + 600_000,
        },
      ],
      [],
    ]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(prompts).toHaveLength(1);
  });

  it.each([undefined, 5, 'javascript:alert(1)', 'http://evil.test/'])(
    'shows no verification_uri_complete %j',
    async (verification_uri_complete) => {
      const { start, prompts } = polling([done], { device: { verification_uri_complete } });
      start();
      await idle();
      expect(prompts).toMatchObject([{ verificationUriComplete: undefined }]);
    },
  );

  it('takes a page with a fragment, and one on loopback', async () => {
    for (const verification_uri of [
      'https://d-1.example.com/start/#/device',
      'http://127.0.0.1:8080/device',
    ]) {
      const { start, prompts } = polling([done], { device: { verification_uri } });
      start();
      await idle();
      expect(prompts[0]?.verificationUri).toBe(verification_uri);
    }
  });

  it('asks for scope and target, authenticates, and says the grant and the code', async () => {
    const options = { scope: 'offline_access', audience: 'orders', clientSecret: 's3cret' };
    const { start, to } = polling([done], { options });
    start();
    await vi.advanceTimersByTimeAsync(5_000);
    const [code] = to(deviceUrl);
    expect(Object.fromEntries(code?.form ?? [])).toEqual({
      client_id: 'spa',
      scope: 'offline_access',
      audience: 'orders',
    });
    expect(Object.fromEntries(to(tokenUrl)[0]?.form ?? [])).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: 'd3vice',
    });
    for (const { headers, init } of [...to(deviceUrl), ...to(tokenUrl)]) {
      expect(headers.get('authorization')).toMatch(/^Basic /);
      expect(init).toMatchObject({ redirect: 'manual', credentials: 'omit' });
    }
  });

  it('works with endpoints that are given, and says whose tokens they are', async () => {
    const options = { issuer: undefined, tokenEndpoint: tokenUrl, deviceEndpoint: deviceUrl };
    const { start, acquire, requests } = polling([done], { options });
    const state = start();
    await vi.advanceTimersByTimeAsync(5_000);
    expect([state.value, acquire.boundTo]).toEqual([tokens, `${tokenUrl} spa`]);
    expect(requests.map(({ url }) => url)).toEqual([deviceUrl, tokenUrl]);
  });

  it('signs a session in whose user takes minutes, and shows one code to all who wait', async () => {
    const minutes: Answer[] = [...Array.from({ length: 40 }, () => pending), done];
    const { acquire, fetch, prompts } = polling(minutes);
    const session = createSession({ acquire, fetch });
    const waiting = [stateOf(session.signIn()), stateOf(session.token()), stateOf(session.token())];
    await vi.advanceTimersByTimeAsync(205_000);
    expect([waiting.map(({ is }) => is), prompts.length]).toEqual([['resolved', 'resolved', 'resolved'], 1]);
  });

  it('stops asking when the session is closed', async () => {
    const { acquire, fetch, at } = polling([pending]);
    const session = createSession({ acquire, fetch });
    const waiting = stateOf(session.signIn());
    await vi.advanceTimersByTimeAsync(11_000);
    await session.close();
    await idle();
    expect(waiting.is).toBe('rejected');
    await vi.advanceTimersByTimeAsync(60_000);
    expect([at, vi.getTimerCount()]).toEqual([[5, 10], 0]);
  });
});
