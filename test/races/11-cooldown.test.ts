import { describe, expect, it, vi } from 'vitest';
import type { Renewed } from '../../src/session/grant.js';
import { createSession } from '../../src/session/session.js';
import { loaded } from '../support/races-context.js';
import { RacePlace } from '../support/races-place.js';
import { pass, raceClock, record, START, tokens, watch } from '../support/races-tools.js';

const status = (code: number, headers: Record<string, string> = {}) => {
  return () => new Response('{}', { status: code, headers });
};

/** A context whose refresh answers at once, and is counted. */
async function answering(answer: () => Renewed, about: Parameters<typeof loaded>[0] = {}) {
  const refresh = vi.fn(async () => answer());
  const made = await loaded({ ...about, options: { refresh, ...about.options } });
  const refused = await made.session.token();
  /** One refused call; when it may be tried again. */
  const fail = async (): Promise<number> => {
    const waiting = watch(made.session.token({ refused }));
    await pass(0);
    return (waiting.error as { retryAt?: number } | undefined)?.retryAt ?? Number.NaN;
  };
  return { ...made, refresh, refused, fail };
}

describe('the cooldown', () => {
  raceClock();

  it('asks for nothing until it is over, and tells callers until when', async () => {
    const { session, refresh, refused, fail } = await answering(status(400));
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    await expect(session.token({ refused })).rejects.toMatchObject({ code: 'refresh-misconfigured' });
    const retryAt = await fail();
    expect(retryAt).toBeGreaterThanOrEqual(START + 1_000);
    await pass(retryAt - Date.now() - 1);
    expect(await fail()).toBe(retryAt);
    expect(refresh).toHaveBeenCalledTimes(1);
    await pass(1);
    await fail();
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it('holds for session.refresh() as well', async () => {
    const { session, refresh, fail } = await answering(status(400));
    await fail();
    await expect(session.refresh()).rejects.toMatchObject({ code: 'refresh-unavailable' });
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('is jittered, grows with every failure, and stays between 1 and 60 s', async () => {
    const lengths: Record<string, number[]> = {};
    for (const random of [0, 0.999]) {
      vi.spyOn(Math, 'random').mockReturnValue(random);
      const { fail } = await answering(status(400));
      const seen: number[] = [];
      for (let n = 0; n < 10; n++) {
        const began = Date.now();
        await fail();
        const retryAt = await fail();
        seen.push(retryAt - began);
        await pass(retryAt - Date.now());
      }
      lengths[random] = seen;
    }
    const [low, high] = Object.values(lengths) as [number[], number[]];
    for (const n of low.keys()) expect(high[n]).toBeGreaterThan(low[n] as number);
    for (const length of [...low, ...high]) {
      expect(length).toBeGreaterThanOrEqual(1_000);
      expect(length).toBeLessThanOrEqual(60_000);
    }
    expect(high.at(-1)).toBeGreaterThan(50_000);
    expect([...low].sort((a, b) => a - b)).toEqual(low);
  });

  it('is shared by all contexts through the record', async () => {
    const place = new RacePlace(record(0));
    const a = await answering(status(400), { place });
    const b = await answering(status(400), { place });
    await a.fail();
    expect(await b.fail()).toBe(place.record?.notBefore);
    expect([a.refresh.mock.calls.length, b.refresh.mock.calls.length]).toEqual([1, 0]);
  });

  it('is shared with a context that begins during it', async () => {
    const place = new RacePlace(record(0));
    const a = await answering(status(400), { place });
    await a.fail();
    const b = await answering(status(400), { place });
    expect(await b.fail()).toBe(place.record?.notBefore);
    expect(b.refresh).toHaveBeenCalledTimes(0);
  });

  it.each([
    ['120', 120_000],
    [new Date(START + 90_000).toUTCString(), 90_000],
    ['86400', 300_000],
  ])('honours Retry-After: %s', async (value, ms) => {
    const { fail, place } = await answering(status(429, { 'retry-after': value }), {
      // no time for a second try inside the callers' time
      options: { refreshTimeoutMs: 1 },
    });
    await fail();
    expect(place.record?.notBefore).toBe(START + ms);
  });

  it('lasts a second where Retry-After: 0 did not help', async () => {
    const { session, refused, refresh, place } = await answering(status(429, { 'retry-after': '0' }));
    watch(session.token({ refused }));
    await pass(10);
    expect(refresh).toHaveBeenCalledTimes(3);
    expect(place.record?.notBefore).toBeGreaterThanOrEqual(START + 1_000);
    expect(place.record?.notBefore).toBeLessThanOrEqual(START + 1_010);
  });

  it.each([
    ['in more than 5 minutes, and what clocks differ by', 305_001],
    ['in a year', 31_536_000_000],
  ])('is ignored where the record says that it ends %s', async (_, ms) => {
    const { refresh, fail } = await answering(() => tokens(1), {
      place: new RacePlace(record(0, { notBefore: START + ms })),
    });
    await fail();
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('of a record that says 5 minutes is heeded', async () => {
    const { refresh, fail } = await answering(() => tokens(1), {
      place: new RacePlace(record(0, { notBefore: START + 300_000 })),
    });
    expect(await fail()).toBe(START + 300_000);
    expect(refresh).toHaveBeenCalledTimes(0);
  });

  it('begins where no turn was given, or the store could not be read', async () => {
    for (const broken of ['turn', 'load'] as const) {
      const { store, refresh, fail } = await answering(() => tokens(1));
      if (broken === 'turn') store.onTurn = () => Promise.reject(new Error('down'));
      else store.onLoad = () => Promise.reject(new Error('down'));
      await fail();
      store.onTurn = undefined;
      store.onLoad = undefined;
      const { loads } = store;
      expect(await fail()).toBeGreaterThan(Date.now());
      expect(store.loads).toBe(loads);
      await pass(60_000);
      await fail();
      expect(refresh).toHaveBeenCalledTimes(1);
    }
  });

  it('begins for an acquire too', async () => {
    const acquire = vi.fn(async () => status(400)());
    const session = createSession({ acquire });
    await expect(session.token()).rejects.toMatchObject({ code: 'refresh-misconfigured' });
    await expect(session.token()).rejects.toMatchObject({ code: 'refresh-unavailable' });
    expect(acquire).toHaveBeenCalledTimes(1);
    await pass(60_000);
    await expect(session.token()).rejects.toMatchObject({ code: 'refresh-misconfigured' });
    expect(acquire).toHaveBeenCalledTimes(2);
  });

  it('ends with a renewal, and the next one begins small again', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.999);
    let ok = false;
    const { session, place, fail } = await answering(() => (ok ? tokens(1) : status(400)()));
    for (let n = 0; n < 6; n++) {
      await fail();
      await pass((await fail()) - Date.now());
    }
    ok = true;
    await pass(0);
    await session.refresh();
    expect(place.record).not.toHaveProperty('notBefore');
    ok = false;
    const began = Date.now();
    watch(session.refresh());
    await pass(0);
    expect((place.record?.notBefore ?? 0) - began).toBeLessThanOrEqual(2_000);
  });

  it('ends with a sign-in', async () => {
    const { session, refresh, fail } = await answering(status(400));
    await fail();
    await session.signIn(tokens(7));
    watch(session.refresh());
    await pass(0);
    expect(refresh).toHaveBeenCalledTimes(2);
  });
});
