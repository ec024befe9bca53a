import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isUnauthorizedError } from '../../src/client/errors.js';
import { createAuthClient } from '../../src/client.js';
import { refreshEndpoint } from '../../src/session/refresh-endpoint.js';
import { createSession } from '../../src/session/session.js';
import { tokens } from './support.js';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

describe('createAuthClient', () => {
  it('works over a fetch that msw intercepts', async () => {
    const bodies: unknown[] = [];
    server.use(
      http.post('https://api.example.com/orders', async ({ request }) => {
        bodies.push(await request.json());
        return request.headers.get('authorization') === 'Bearer fresh'
          ? HttpResponse.json({ ok: true })
          : new HttpResponse(null, { status: 401 });
      }),
    );
    const api = createAuthClient({ baseUrl: 'https://api.example.com/', auth: tokens('fresh') });
    expect(await api.post('orders', { json: { n: 1 } }).json()).toEqual({ ok: true });
    expect(bodies).toEqual([{ n: 1 }, { n: 1 }]);
  });
  it('answers a crowd with one refresh of a real session', async () => {
    let refreshes = 0;
    server.use(
      http.post('https://api.example.com/auth/refresh', () => {
        refreshes += 1;
        return HttpResponse.json({ access_token: 'fresh', expires_in: 60 });
      }),
      http.get('https://api.example.com/*', ({ request }) =>
        request.headers.get('authorization') === 'Bearer fresh'
          ? HttpResponse.json(1)
          : new HttpResponse(null, { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } }),
      ),
    );
    const session = createSession({ refresh: refreshEndpoint('https://api.example.com/auth/refresh') });
    await session.signIn({ accessToken: 'old', refreshToken: 'r' });
    const api = createAuthClient({ baseUrl: 'https://api.example.com/', auth: session });
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => api.get(`${i}`).json()));
    expect(answers).toEqual(Array(50).fill(1));
    expect(refreshes).toBe(1);
  });
  it('tells many callers that the session is over, each with an error of its own', async () => {
    server.use(http.get('https://api.example.com/*', () => new HttpResponse(null, { status: 401 })));
    const api = createAuthClient({ baseUrl: 'https://api.example.com/', auth: tokens() });
    const calls = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => api.get(`${i}`)));
    const errors = calls.map((call) => (call.status === 'rejected' ? call.reason : undefined));
    expect(errors.every((error) => isUnauthorizedError(error) && error.reason === 'session-ended')).toBe(
      true,
    );
    expect(new Set(errors).size).toBe(20);
  });
});
