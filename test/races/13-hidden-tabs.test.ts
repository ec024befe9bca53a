import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SessionEvent } from '../../src/events.js';
import { sessionCore } from '../../src/protocol/session-core.js';
import { createSession } from '../../src/session/session.js';
import type { Session } from '../../src/session/types.js';
import { webStore } from '../../src/stores/web/web-store.js';
import { corridor, resource, START } from '../support/races-tools.js';
import { settled, type WebPage, webPage } from '../support/web-page.js';

const LIFE_MS = 300_000;
const SOFT_AT = START + LIFE_MS - 60_000;
const HARD_AT = START + LIFE_MS - 5_000;

let page: WebPage;
beforeEach(() => {
  vi.useFakeTimers({
    now: START,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  });
  page = webPage();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const issued = (n: number) => ({ access_token: `at-${n}`, refresh_token: `rt-${n}`, expires_in: 300 });

/** Rotates; a refresh token that was spent is refused. */
function server() {
  let n = 1;
  return vi.fn(async ({ held }: { held: { refreshToken?: string | undefined } }) =>
    held.refreshToken === `rt-${n}` ? issued(++n) : null,
  );
}

type Server = ReturnType<typeof server>;

/** Tabs of one profile, in which alice is signed in. */
async function tabs(count: number, refresh: Server, about = {}): Promise<Session[]> {
  const made = Array.from({ length: count }, (_, i) => {
    page.tab(`tab-${i}`);
    return createSession({ refresh, store: webStore('session'), ...about }) as Session;
  });
  await made[0]?.signIn(issued(1));
  for (const session of made) await session.ready();
  return made;
}

/** What a request of this tab would send now; 'waits' where it must be renewed first. */
function sends(session: Session): string | undefined {
  const core = session[sessionCore];
  const held = core.current(core.begin());
  if (!(held instanceof Promise)) return held?.accessToken;
  held.catch(() => {});
  return 'waits';
}

describe('a tab that is hidden', () => {
  it('begins no refresh beside its requests; one that is seen does', async () => {
    const refresh = server();
    const [session] = (await tabs(1, refresh)) as [Session];
    page.see('hidden');
    vi.setSystemTime(SOFT_AT);
    expect(sends(session)).toBe('at-1');
    await settled();
    expect(refresh).not.toHaveBeenCalled();
    page.see('visible');
    await settled();
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(sends(session)).toBe('at-2');
  });

  it('refreshes for a request of its own whose token is in the hard window, expired or refused', async () => {
    const refresh = server();
    const [session] = (await tabs(1, refresh)) as [Session];
    page.see('hidden');
    vi.setSystemTime(HARD_AT);
    expect(sends(session)).toBe('waits');
    await settled();
    expect(sends(session)).toBe('at-2');
    vi.setSystemTime(HARD_AT + LIFE_MS);
    expect((await session.token()).accessToken).toBe('at-3');
    const api = resource((token) => token === 'at-4');
    const response = await corridor(session, api)('/x');
    expect([response.status, api.sent, refresh.mock.calls.length]).toEqual([200, ['at-3', 'at-4'], 3]);
  });

  it('takes what others refresh meanwhile', async () => {
    const refresh = server();
    const [seen, hidden] = (await tabs(2, refresh)) as [Session, Session];
    await seen.refresh();
    page.see('hidden');
    await settled();
    expect(sends(hidden)).toBe('at-2');
  });
});

describe('a tab that is seen again', () => {
  it('refreshes where its token is due, before a request asks for it', async () => {
    const refresh = server();
    const [session] = (await tabs(1, refresh)) as [Session];
    page.see('hidden');
    vi.setSystemTime(START + 24 * 3_600_000);
    page.see('visible');
    await settled();
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(sends(session)).toBe('at-2');
  });

  it('refreshes nothing where its token is good', async () => {
    const refresh = server();
    await tabs(1, refresh);
    page.see('hidden');
    vi.setSystemTime(START + 100_000);
    page.see('visible');
    await settled();
    expect(refresh).not.toHaveBeenCalled();
  });

  it('is one of many: eight that wake at once cause one refresh, and none sends the dead token', async () => {
    const refresh = server();
    const events: SessionEvent[] = [];
    const all = await tabs(8, refresh, { observe: (event: SessionEvent) => events.push(event) });
    page.see('hidden');
    vi.setSystemTime(START + 8 * 3_600_000);
    page.see('visible');
    expect(all.map(sends)).toEqual(Array(8).fill('waits'));
    for (let i = 0; i < 8; i++) await settled();
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(all.map(sends)).toEqual(Array(8).fill('at-2'));
    expect(events.filter(({ type }) => type === 'refresh-failed')).toEqual([]);
  });

  it('looks and refreshes when it comes out of the back/forward cache, but not while it stays hidden', async () => {
    const refresh = server();
    const [session] = (await tabs(1, refresh)) as [Session];
    page.tell('pagehide', { persisted: true });
    page.see('hidden');
    vi.setSystemTime(START + 3_600_000);
    page.tell('pageshow', { persisted: true });
    await settled();
    expect(refresh).not.toHaveBeenCalled();
    page.tell('pagehide', { persisted: true });
    Object.assign(document, { visibilityState: 'visible' });
    page.tell('pageshow', { persisted: true });
    await settled();
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(sends(session)).toBe('at-2');
  });

  it('learns of a sign-out that it slept through, and sends nothing of that user', async () => {
    const refresh = server();
    const [away, here] = (await tabs(2, refresh)) as [Session, Session];
    const api = resource();
    page.tell('pagehide', { persisted: true });
    await here.signOut();
    await settled();
    expect(away.getSnapshot().status).toBe('signed-in');
    page.tell('pageshow', { persisted: true });
    await settled();
    expect(away.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'elsewhere' });
    void corridor(away, api)('/x');
    await settled();
    expect(api.sent).toEqual([undefined]);
  });

  it('is left alone once its session is closed', async () => {
    const refresh = server();
    const [session] = (await tabs(1, refresh)) as [Session];
    await session.close();
    vi.setSystemTime(START + 3_600_000);
    page.see('visible');
    page.tell('pageshow', { persisted: true });
    await settled();
    expect([refresh.mock.calls.length, page.channels]).toEqual([0, 0]);
  });

  it('heeds the `onResume` that the session is given instead', async () => {
    const refresh = server();
    let resume = () => {};
    await tabs(1, refresh, {
      onResume: (call: () => void) => {
        resume = call;
        return () => {};
      },
    });
    vi.setSystemTime(START + 3_600_000);
    page.see('visible');
    await settled();
    expect(refresh).not.toHaveBeenCalled();
    resume();
    await settled();
    expect(refresh).toHaveBeenCalledTimes(1);
  });
});
