import { describe, expect, it } from 'vitest';
import { loaded } from '../support/races-context.js';
import { pass, raceClock, watch } from '../support/races-tools.js';

describe('token({ refused }) during a flight', () => {
  raceClock();

  it('is released 8 s after it began to wait, not after 16', async () => {
    const { session } = await loaded();
    const refused = await session.token();
    watch(session.token({ refused }));
    await pass(1_000);
    const late = watch(session.token({ refused }));
    await pass(8_000);
    expect(late.error).toMatchObject({ code: 'refresh-unavailable' });
  });

  it('is settled with the one error of the flight', async () => {
    const { session, server } = await loaded();
    const refused = await session.token();
    const first = watch(session.token({ refused }));
    await pass(1_000);
    const late = watch(session.token({ refused }));
    await pass(0);
    server.request(0).answer(new Response('{}', { status: 400 }));
    await pass(0);
    expect(late.error).toBe(first.error);
  });
});
