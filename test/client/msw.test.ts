import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isUnauthorizedError } from '../../src/client/errors.js';
import { createAuthClient } from '../../src/client.js';
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
