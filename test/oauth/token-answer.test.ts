import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { clientCredentialsGrant, refreshTokenGrant } from '../../src/oauth/index.js';
import { authorizationServer, context, json, rejection, tokens, tokenUrl } from './authorization-server.js';

const provider = { tokenEndpoint: tokenUrl, clientId: 'spa', clientSecret: 's3cret-value' };

function answering(answer: NonNullable<Parameters<typeof authorizationServer>[0]>[string]) {
  const { fetch } = authorizationServer({ [tokenUrl]: answer });
  return refreshTokenGrant(provider)(context(fetch));
}

describe('refreshTokenGrant: what the token endpoint answers', () => {
  it.each([400, 401, 403, 200])('rejects invalid_grant for good, with status %i', async (status) => {
    const error = await rejection(
      answering(() => json({ error: 'invalid_grant', error_description: 'revoked' }, status)),
    );
    expect(error).toMatchObject({
      code: 'refresh-rejected',
      signInRequired: true,
      error: 'invalid_grant',
      errorDescription: 'revoked',
    });
  });

  it.each(['interaction_required', 'login_required', 'consent_required'])(
    'asks for a new sign-in on %s',
    async (error) => {
      expect(await rejection(answering(() => json({ error }, 400)))).toMatchObject({
        code: 'refresh-rejected',
        error,
      });
    },
  );

  it.each([
    ['invalid_client', 401],
    ['unauthorized_client', 400],
    ['invalid_scope', 400],
    ['invalid_request', 400],
    ['unsupported_grant_type', 400],
    ['invalid_target', 400],
    ['invalid_client', 200],
    ['something_new', 403],
  ])('calls %s with status %i a misconfiguration, which signs nobody out', async (error, status) => {
    const answer = () =>
      json(
        { error },
        status,
        status === 401 ? { 'www-authenticate': `Basic realm="as", error="${error}"` } : {},
      );
    expect(await rejection(answering(answer))).toMatchObject({
      code: 'refresh-misconfigured',
      signInRequired: false,
      error,
    });
  });

  it.each(['temporarily_unavailable', 'server_error', 'slow_down'])(
    'takes %s for a server that is not available',
    async (error) => {
      expect(await rejection(answering(() => json({ error }, 400)))).toMatchObject({
        code: 'refresh-unavailable',
      });
    },
  );

  it.each([408, 429, 500, 502, 503])('leaves %i to the session, with its Retry-After', async (status) => {
    const html = new Response('<html>bad gateway', {
      status,
      headers: { 'retry-after': '3', 'content-type': 'text/html' },
    });
    const answer = (await answering(html)) as Response;
    expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([
      status,
      '3',
      '',
    ]);
  });

  it('leaves a 503 without Retry-After to the session too, even with an OAuth error', async () => {
    const answer = (await answering(() => json({ error: 'invalid_grant' }, 503))) as Response;
    expect([answer.status, [...answer.headers]]).toEqual([503, []]);
  });

  it.each([
    ['a redirect', () => new Response(null, { status: 307, headers: { location: 'https://evil.test/' } })],
    ['a redirect as browsers show it', () => Response.error()],
    ['HTML with 403', () => new Response('<html>', { status: 403 })],
    ['a bare 401', () => new Response(null, { status: 401 })],
    ['404', () => new Response('no', { status: 404 })],
    ['an error that is no string', () => json({ error: { code: 1 } }, 400)],
  ])('keeps the session on %s', async (_, answer) => {
    expect(await rejection(answering(answer))).toMatchObject({ code: 'refresh-misconfigured' });
  });

  it.each([
    ['HTML', () => new Response('<html>welcome to our Wi-Fi')],
    ['an empty body', () => new Response('')],
    ['204', () => new Response(null, { status: 204 })],
    ['an array', () => json([tokens])],
    ['more than 1 MiB', () => json({ ...tokens, padding: ' '.repeat(1_048_576) })],
    ['token_type "mac"', () => json({ ...tokens, token_type: 'mac' })],
    ['token_type "N_A"', () => json({ ...tokens, token_type: 'N_A' })],
    ['token_type "DPoP", without a key', () => json({ ...tokens, token_type: 'DPoP' })],
    ['a token_type that is no string', () => json({ ...tokens, token_type: 1 })],
    ['tokenType "DPoP" beside it, without a key', () => json({ ...tokens, tokenType: 'DPoP' })],
  ])('calls %s with status 200 no token response, without its values', async (_, answer) => {
    const error = await rejection(answering(answer));
    expect(error).toMatchObject({ code: 'token-response', signInRequired: false });
    expect(error.issues).toHaveLength(1);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/at-1|rt-2|Wi-Fi/);
  });

  it('passes a network failure on as it is', async () => {
    const failure = new TypeError('fetch failed');
    expect(await rejection(answering(failure))).toBe(failure);
  });

  it('passes on a failure amid the body', async () => {
    const failure = new TypeError('terminated');
    const torn = () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode('{"access_token":'));
            controller.error(failure);
          },
        }),
      );
    expect(await rejection(answering(torn))).toBe(failure);
  });

  it('shows of a server’s text only what is printable, at most 200 characters, without a secret', async () => {
    const hostile = {
      error: `invalid\u0000_cli\u202eent ${'x'.repeat(999)}`,
      error_description: `\u001b[31mrt-1 of s3cret-value${'y'.repeat(999)}`,
    };
    const error = await rejection(answering(() => json(hostile, 400)));
    expect(error.error).toHaveLength(200);
    expect(error.message).toMatch(/^[ -~]{1,500}$/);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/rt-1|s3cret-value/);
    expect(error.cause).toBeUndefined();
  });

  it.each([
    ['token_type in another case', { token_type: 'bEARER' }],
    ['no token_type', { token_type: undefined }],
    ['null for what is absent', { refresh_token: null, scope: null, id_token: null, error: null }],
    ['expires_in as text, and an unknown member', { expires_in: '60', instance_url: 'https://x.test' }],
    ['a negative expires_in', { expires_in: -1 }],
  ])('hands tokens with %s to the session as they came', async (_, members) => {
    const answer = { ...tokens, ...members };
    expect(await answering(() => json(answer))).toEqual(JSON.parse(JSON.stringify(answer)));
  });

  it('reads an answer where bodies are no streams', async () => {
    const unstreamed = () => Object.defineProperty(json(tokens), 'body', { value: undefined });
    expect(await answering(unstreamed)).toEqual(tokens);
  });
});

describe('clientCredentialsGrant: what the token endpoint answers', () => {
  it('answers as a refresh does', async () => {
    const { fetch } = authorizationServer({
      [tokenUrl]: [json({ error: 'invalid_client' }, 401), new Response(null, { status: 503 }), json(tokens)],
    });
    const acquire = clientCredentialsGrant(provider);
    expect(await rejection(acquire(context(fetch)))).toMatchObject({ code: 'refresh-misconfigured' });
    expect(await acquire(context(fetch))).toMatchObject({ status: 503 });
    expect(await acquire(context(fetch))).toEqual(tokens);
  });
});
