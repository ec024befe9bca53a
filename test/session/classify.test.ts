import ky from 'ky';
import * as oauth from 'oauth4webapi';
import { describe, expect, it, vi } from 'vitest';
import {
  AuthError,
  errorBrand,
  NotReplayableError,
  RefreshMisconfiguredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  SignedOutError,
  TokenResponseError,
} from '../../src/errors.js';
import { type Classified, classify, classifyError } from '../../src/session/classify.js';

const NOW = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');
const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });

async function typeOf(renewed: unknown): Promise<string> {
  return (await classify(renewed, NOW)).type;
}
function errorIn(classified: Classified): Error {
  if (classified.type === 'tokens') throw new Error('these are tokens');
  return classified.error;
}
/** All that a log of the error could show. */
function shown(error: unknown): string {
  let text = '';
  for (let at = error; at instanceof Error; at = at.cause) text += `${at.stack} ${JSON.stringify(at)} ${at}`;
  return text;
}

describe('classify', () => {
  it('takes null for the end of the session', async () => {
    const classified = await classify(null, NOW);
    expect(classified.type).toBe('over');
    expect(errorIn(classified)).toBeInstanceOf(RefreshRejectedError);
  });

  it.each([[undefined], ['token'], [5], [{}], [[]], [{ access_token: 'a b' }], [{ data: { jwt: 'x' } }]])(
    'takes %j for garbage, never for the end',
    async (renewed) => {
      const classified = await classify(renewed, NOW);
      expect(classified.type).toBe('garbage');
      expect(errorIn(classified)).toBeInstanceOf(TokenResponseError);
    },
  );

  it('takes tokens whose members throw for garbage', async () => {
    const hostile = {
      get accessToken() {
        throw new Error('secret');
      },
    };
    const classified = await classify(hostile, NOW);
    expect(classified.type).toBe('garbage');
    expect(shown(errorIn(classified))).not.toContain('secret');
  });

  it('takes ours and the JSON of a token endpoint for tokens', async () => {
    const tokens = { accessToken: 'a', expiresAt: NOW + 60_000 };
    expect(await classify({ accessToken: 'a', expiresIn: 60 }, NOW)).toEqual({ type: 'tokens', tokens });
    expect(await classify({ access_token: 'a', expires_in: '60' }, NOW)).toEqual({ type: 'tokens', tokens });
  });

  it('reads the error in an answer that was parsed without a look at its status', async () => {
    expect(await typeOf({ error: 'invalid_grant' })).toBe('over');
    expect(await typeOf({ error: 'invalid_client' })).toBe('misconfigured');
    expect(await typeOf({ error: null, access_token: 'a' })).toBe('tokens');
  });

  describe('of a 2xx', () => {
    it('reads the tokens', async () => {
      const classified = await classify(json({ access_token: 'a', expires_in: 60 }, 201), NOW);
      expect(classified).toEqual({ type: 'tokens', tokens: { accessToken: 'a', expiresAt: NOW + 60_000 } });
    });

    it.each([
      ['no JSON', () => new Response('<html>secret</html>')],
      ['nothing', () => new Response(null, { status: 204 })],
      ['an array', () => json(['secret'])],
      ['no access token', () => json({ refresh_token: 'secret' })],
      ['a token type it does not understand', () => json({ access_token: 'secret', token_type: 'mac' })],
      ['more than 64 KiB', () => json({ access_token: 'secret', pad: 'x'.repeat(70_000) })],
      ['more than 64 KiB, announced', () => json({ access_token: 'a' }, 200, { 'content-length': '65537' })],
    ])('takes %s for garbage and shows nothing of it', async (_, response) => {
      const classified = await classify(response(), NOW);
      expect(classified.type).toBe('garbage');
      expect(shown(errorIn(classified))).not.toContain('secret');
    });

    it('takes a body that somebody has read or holds for garbage', async () => {
      const used = json({ access_token: 'a' });
      await used.text();
      expect(await typeOf(used)).toBe('garbage');
      const locked = json({ access_token: 'a' });
      locked.body?.getReader();
      expect(await typeOf(locked)).toBe('garbage');
    });

    it.each([
      ['invalid_grant', 'over'],
      ['bad_refresh_token', 'over'],
      ['invalid_client', 'misconfigured'],
      ['something_else', 'misconfigured'],
      ['temporarily_unavailable', 'unavailable'],
      ['server_error', 'unavailable'],
    ])('takes {"error":"%s"} for that error (%s)', async (error, type) => {
      expect(await typeOf(json({ error, access_token: 'a' }))).toBe(type);
    });

    it('takes a body whose connection breaks for a failure on the way', async () => {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"access_token":'));
        },
        pull(controller) {
          controller.error(new TypeError('terminated'));
        },
      });
      expect(await classify(new Response(body), NOW)).toMatchObject({
        type: 'unavailable',
        lost: true,
        retry: true,
      });
    });

    it('reads a text of several chunks, cut inside a character', async () => {
      const bytes = new TextEncoder().encode('{"access_token":"a","name":"Zoë"}');
      const cut = bytes.indexOf(0xc3) + 1;
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(bytes.slice(0, cut));
          controller.enqueue(bytes.slice(cut));
          controller.close();
        },
      });
      const classified = await classify(new Response(body), NOW);
      expect(classified).toEqual({ type: 'tokens', tokens: { accessToken: 'a', extra: { name: 'Zoë' } } });
    });

    it('stops reading an endless body', async () => {
      const cancel = vi.fn();
      const body = new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(16_384)),
        cancel,
      });
      expect(await typeOf(new Response(body))).toBe('garbage');
      expect(cancel).toHaveBeenCalledOnce();
    });

    it('reads a response of React Native, which has no stream', async () => {
      const text = vi.fn(async () => '{"access_token":"a"}');
      const native = { status: 200, headers: new Headers(), body: undefined, bodyUsed: false, text };
      expect(await classify(native, NOW)).toEqual({ type: 'tokens', tokens: { accessToken: 'a' } });
      text.mockResolvedValue(`{"access_token":"a","pad":"${'x'.repeat(70_000)}"}`);
      expect(await typeOf(native)).toBe('garbage');
    });
  });

  describe('of an error response', () => {
    it('ends the session at invalid_grant and says why', async () => {
      const classified = await classify(
        json({ error: 'invalid_grant', error_description: 'revoked\u0000 by\nadmin' }, 400),
        NOW,
      );
      expect(classified.type).toBe('over');
      expect(errorIn(classified)).toMatchObject({
        error: 'invalid_grant',
        errorDescription: 'revoked? by?admin',
        signInRequired: true,
      });
    });

    it.each([[401], [403]])('ends the session at %i without an OAuth error', async (status) => {
      expect(await typeOf(new Response('<html>', { status }))).toBe('over');
      expect(await typeOf(json({ error: 'Unauthorized', statusCode: status }, status))).toBe('over');
      expect(await typeOf(json({ error: 'invalid_token' }, status))).toBe('over');
    });

    it('shows only what RFC 6749 lets an error hold', async () => {
      const classified = await classify(json({ error: `a"b\\c\u001b[31m${'x'.repeat(300)}` }, 401), NOW);
      const { error } = errorIn(classified) as RefreshRejectedError;
      expect(error).toMatch(/^abc\?\[31mx+$/);
      expect(error?.length).toBeLessThanOrEqual(200);
    });

    it('blots out held tokens that the server repeats', async () => {
      const body = { error: 'invalid_grant', error_description: 'refresh token hunter2 is unknown' };
      const over = errorIn(await classify(json(body, 400), NOW, ['hunter2']));
      const wrong = errorIn(
        await classify(json({ ...body, error: 'invalid_request' }, 400), NOW, ['hunter2']),
      );
      expect(shown(over) + shown(wrong)).not.toContain('hunter2');
      expect(wrong.message).toBe(
        'The refresh is misconfigured: invalid_request (refresh token [secret] is unknown)',
      );
    });

    it.each([
      ['invalid_client', 401],
      ['invalid_client', 400],
      ['unauthorized_client', 400],
      ['unauthorized_client', 403],
      ['invalid_scope', 400],
      ['unsupported_grant_type', 400],
      ['invalid_request', 401],
      ['invalid_target', 400],
    ])('takes %s (%i) for a misconfigured client', async (error, status) => {
      const classified = await classify(json({ error }, status), NOW);
      expect(classified.type).toBe('misconfigured');
      expect(errorIn(classified)).toBeInstanceOf(RefreshMisconfiguredError);
      expect(errorIn(classified)).toMatchObject({ error, signInRequired: false });
    });

    it.each([[400], [404], [405], [415], [301], [302]])(
      'takes %i without an OAuth error for misconfigured',
      async (status) => expect(await typeOf(new Response('not found', { status }))).toBe('misconfigured'),
    );

    it('takes a redirect that the browser hides for misconfigured', async () => {
      expect(await typeOf({ status: 0, type: 'opaqueredirect', headers: new Headers() })).toBe(
        'misconfigured',
      );
    });

    it('goes by the status where the body was read', async () => {
      for (const [status, type] of [
        [401, 'over'],
        [400, 'misconfigured'],
        [503, 'unavailable'],
      ] as const) {
        const used = json({ error: 'invalid_grant' }, status);
        await used.text();
        expect(await typeOf(used)).toBe(type);
      }
    });
  });

  describe('of a server that is busy', () => {
    it.each([[408], [429], [500], [502], [503], [504], [599]])(
      'takes %i for try later, whatever the body says',
      async (status) => {
        const classified = await classify(json({ error: 'invalid_grant' }, status), NOW);
        expect(classified).toMatchObject({ type: 'unavailable', lost: false, retry: true });
        expect(errorIn(classified)).toMatchObject({ signInRequired: false, retryAt: undefined });
        expect((classified as { retryAfterMs?: number }).retryAfterMs).toBeUndefined();
      },
    );

    it('takes temporarily_unavailable (400) for try later', async () => {
      expect(await typeOf(json({ error: 'temporarily_unavailable' }, 400))).toBe('unavailable');
    });

    it.each([
      ['30', 30_000],
      ['Wed, 21 Oct 2026 07:29:00 GMT', 60_000],
    ])('honours Retry-After: %s', async (field, ms) => {
      const classified = await classify(json({}, 503, { 'retry-after': field }), NOW);
      expect(classified).toMatchObject({ type: 'unavailable', retryAfterMs: ms });
      expect(errorIn(classified)).toMatchObject({ retryAt: NOW + ms });
    });

    it('does not wait for a body that never ends, and frees the connection', async () => {
      const cancel = vi.fn();
      expect(await typeOf(new Response(new ReadableStream({ cancel }), { status: 503 }))).toBe('unavailable');
      expect(cancel).toHaveBeenCalledOnce();
    });
  });
});

describe('classifyError', () => {
  it("passes latchkey's own errors on", async () => {
    for (const [error, type] of [
      [new RefreshRejectedError('gone'), 'over'],
      [new RefreshMisconfiguredError(), 'misconfigured'],
      [new TokenResponseError(), 'garbage'],
      [new RefreshUnavailableError(), 'unavailable'],
    ] as const) {
      const classified = await classifyError(error, NOW);
      expect(classified.type).toBe(type);
      expect(errorIn(classified)).toBe(error);
    }
  });

  it('knows them by brand: two copies of the package agree', async () => {
    const foreign = Object.assign(new Error('gone'), { [errorBrand]: true, code: 'refresh-rejected' });
    const classified = await classifyError(foreign, NOW);
    expect(classified.type).toBe('over');
    expect(errorIn(classified)).toBe(foreign);
  });

  it('keeps when an unavailable server may be asked again', async () => {
    const later = await classifyError(new RefreshUnavailableError('busy', { retryAt: NOW + 5_000 }), NOW);
    expect(later).toMatchObject({ retryAfterMs: 5_000, lost: false, retry: true });
    const past = await classifyError(new RefreshUnavailableError('busy', { retryAt: NOW - 5_000 }), NOW);
    expect(past).toMatchObject({ retryAfterMs: 0 });
  });

  it('ends the session where an inner session has ended', async () => {
    expect((await classifyError(new SignedOutError(), NOW)).type).toBe('over');
    expect((await classifyError(new AuthError('unauthorized', true, 'x'), NOW)).type).toBe('over');
  });

  it('takes any other of them for a bug', async () => {
    const classified = await classifyError(new NotReplayableError(), NOW);
    expect(classified).toMatchObject({ type: 'unavailable', lost: false, retry: false });
  });

  describe('of an error that carries a response', () => {
    const thrownBy = (work: Promise<unknown>) =>
      work.then(
        () => {
          throw new Error('nothing was thrown');
        },
        (error: unknown) => error,
      );

    it.each([
      [401, {}, 'over'],
      [400, { error: 'invalid_grant' }, 'over'],
      [401, { error: 'invalid_client' }, 'misconfigured'],
      [404, {}, 'misconfigured'],
    ] as const)("classifies ky's HTTPError (%i %j) as that response", async (status, body, type) => {
      const fetch = async () => json(body, status, { 'content-type': 'application/json' });
      const error = await thrownBy(ky.post('https://id.example.com/', { fetch, retry: 0 }).json());
      expect((await classifyError(error, NOW)).type).toBe(type);
    });

    it("honours Retry-After of ky's HTTPError", async () => {
      const fetch = async () => json({}, 503, { 'retry-after': '7' });
      const error = await thrownBy(ky.post('https://id.example.com/', { fetch, retry: 0 }));
      expect(await classifyError(error, NOW)).toMatchObject({ type: 'unavailable', retryAfterMs: 7_000 });
    });

    it('reads a body that nobody has read', async () => {
      const error = Object.assign(new Error('x'), { response: json({ error: 'invalid_grant' }, 400) });
      expect((await classifyError(error, NOW)).type).toBe('over');
    });

    it.each([
      [{ status: 401, data: {}, headers: {} }, 'over'],
      [{ status: 400, data: { error: 'invalid_grant' }, headers: {} }, 'over'],
      [{ status: 400, data: '{"error":"invalid_grant"}', headers: {} }, 'over'],
      [{ status: 404, data: '', headers: {} }, 'misconfigured'],
    ])('classifies what axios calls a response (%j)', async (response, type) => {
      expect((await classifyError(Object.assign(new Error('x'), { response }), NOW)).type).toBe(type);
    });

    it("honours Retry-After in axios's headers", async () => {
      const response = { status: 429, data: {}, headers: { 'retry-after': '3' } };
      const classified = await classifyError(Object.assign(new Error('x'), { response }), NOW);
      expect(classified).toMatchObject({ type: 'unavailable', retryAfterMs: 3_000 });
    });

    it.each([
      ['invalid_grant', 'over'],
      ['invalid_client', 'misconfigured'],
    ])("classifies oauth4webapi's ResponseBodyError %s", async (code, type) => {
      const response = json({ error: code, error_description: 'because' }, 400, {
        'content-type': 'application/json',
      });
      const server = { issuer: 'https://id.example.com' };
      const error = await thrownBy(oauth.processRefreshTokenResponse(server, { client_id: 'spa' }, response));
      expect(error).toBeInstanceOf(oauth.ResponseBodyError);
      const classified = await classifyError(error, NOW);
      expect(classified.type).toBe(type);
      expect(errorIn(classified)).toMatchObject({ error: code });
      expect(shown(errorIn(classified))).not.toContain('ResponseBodyError');
    });

    it('takes a body whose connection breaks for a failure on the way', async () => {
      const body = new ReadableStream({
        pull: (controller) => controller.error(new TypeError('terminated')),
      });
      const error = Object.assign(new Error('x'), { response: new Response(body, { status: 400 }) });
      expect(await classifyError(error, NOW)).toMatchObject({ type: 'unavailable', lost: true });
    });
  });

  describe('of a failure on the way', () => {
    const named = (name: string, message = 'x', more = {}) =>
      Object.assign(new Error(message), { name }, more);

    it.each([
      ['Chrome', new TypeError('Failed to fetch')],
      ['Firefox', new TypeError('NetworkError when attempting to fetch resource.')],
      [
        'Node',
        new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'UND_ERR_SOCKET' }) }),
      ],
      ['React Native', new TypeError('Network request failed')],
      ['workerd', named('Error', 'Network connection lost.', { retryable: true })],
      ['an abort', new DOMException('This operation was aborted', 'AbortError')],
      ['an abort of React Native', named('AbortError', 'Aborted')],
      ['a timeout', new DOMException('The operation timed out', 'TimeoutError')],
      ["ky's NetworkError", named('NetworkError')],
      ['node-fetch', named('FetchError')],
      ['axios', named('AxiosError', 'Network Error', { code: 'ERR_NETWORK' })],
      ['a Node socket', named('Error', 'read ECONNRESET', { code: 'ECONNRESET' })],
      ['Bun', named('Error', 'The socket connection was closed unexpectedly', { code: 'ConnectionClosed' })],
    ])('takes that of %s for try later', async (_, error) => {
      const classified = await classifyError(error, NOW);
      expect(classified).toMatchObject({ type: 'unavailable', lost: true, retry: true });
      expect(errorIn(classified)).toBeInstanceOf(RefreshUnavailableError);
    });

    it.each([
      ['Node', new TypeError('fetch failed', { cause: named('Error', 'x', { code: 'ECONNREFUSED' }) })],
      [
        'undici',
        new TypeError('fetch failed', { cause: named('Error', 'x', { code: 'UND_ERR_CONNECT_TIMEOUT' }) }),
      ],
      ['axios', named('AxiosError', 'x', { code: 'ENOTFOUND' })],
      ['Bun', named('Error', 'Unable to connect', { code: 'ConnectionRefused' })],
    ])('knows of that of %s that nothing was sent', async (_, error) => {
      expect(await classifyError(error, NOW)).toMatchObject({
        type: 'unavailable',
        lost: false,
        retry: true,
      });
    });

    it('tells name and code, and no message', async () => {
      const error = new TypeError('fetch failed', {
        cause: Object.assign(new Error('connect secret'), { code: 'ECONNREFUSED' }),
      });
      const { message, cause } = errorIn(await classifyError(error, NOW));
      expect(message).toBe('The refresh failed: TypeError (ECONNREFUSED)');
      expect(cause).toMatchObject({ name: 'TypeError', code: 'ECONNREFUSED' });
      expect((cause as Error).cause).toBeUndefined();
    });
  });

  describe('of a bug in the function', () => {
    it.each([
      [new TypeError("Cannot read properties of undefined (reading 'secret')")],
      [new Error('{"refresh_token":"secret"}')],
      [Object.assign(new Error('x'), { name: 'a secret name', code: 'secret' })],
      [Object.assign(new Error('x'), { token: 'secret', request: { body: 'secret' } })],
      ['secret'],
      [{ secret: 'secret', toString: () => 'secret' }],
      [undefined],
      [null],
      [5],
    ])('neither ends the session nor asks again, and shows no message: %s', async (thrown) => {
      const classified = await classifyError(thrown, NOW);
      expect(classified).toMatchObject({ type: 'unavailable', lost: false, retry: false });
      expect(shown(errorIn(classified))).not.toContain('secret');
    });
  });
});
