import { describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { createCookieSession } from '../../src/session/cookie-session.js';
import { shared } from '../support/races-handle.js';
import { refused, web } from '../support/races-web.js';

const here = 'https://api.example.com/';

describe('createAuthFetch over a cookie session: begun after the end', () => {
  it.each(['signed out', 'rejected'])('is sent without cookies and without the stamp: %s', async (how) => {
    const refresh = vi.fn(async () => null);
    const token = vi.fn(() => 'stamp');
    const session = createCookieSession({
      refresh,
      csrf: { header: 'X-CSRF', token },
      store: shared().handle(),
    });
    await session.signIn();
    if (how === 'signed out') await session.signOut();
    else await session.refresh().catch(() => {});
    expect(session.getSnapshot().status).toBe('signed-out');
    refresh.mockClear();
    const { fetch, sendings } = web(() => refused());
    const response = await createAuthFetch({ baseUrl: here, auth: session, fetch })('/a');
    expect(outcomeOf(response)).toMatchObject({ reason: 'signed-out', signInRequired: true, sendings: 1 });
    expect(sendings).toHaveLength(1);
    expect(sendings[0]?.credentials).not.toBe('include');
    expect(sendings[0]?.headers.get('x-csrf')).toBeNull();
    expect(refresh).toHaveBeenCalledTimes(0);
  });
});
