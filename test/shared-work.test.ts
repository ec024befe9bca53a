import { afterEach, describe, expect, it, vi } from 'vitest';
import { endsWithRequest, SharedWork } from '../src/shared-work.js';
import { deferred } from './support/deferred.js';
import { endingRequests } from './support/races-requests.js';
import { pass, raceClock, watch } from './support/races-tools.js';

describe('endsWithRequest', () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each([
    ['WebSocketPair', class {}],
    ['EdgeRuntime', 'edge-runtime'],
  ])('goes by %s, which is there whatever the compatibility date', (name, value) => {
    expect(endsWithRequest()).toBe(false);
    vi.stubGlobal(name, value);
    expect(endsWithRequest()).toBe(true);
  });

  it('does not go by a navigator, which may be absent or put in place by others', () => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' });
    expect(endsWithRequest()).toBe(false);
  });
});

describe('SharedWork', () => {
  raceClock();

  describe('where work goes on without its request', () => {
    it('is its promise, without a timer', async () => {
      const { promise } = deferred<string>();
      const work = new SharedWork(promise);
      expect(work.join(async () => 'other')).toBe(promise);
      expect(vi.getTimerCount()).toBe(0);
      await pass(60_000);
      expect(work.isLive).toBe(true);
    });
  });

  describe('where work ends with its request', () => {
    const request = endingRequests();
    const begun = () => {
      const [owner, gate] = [request(), deferred<string>()];
      const work = owner.run(() => new SharedWork(gate.promise));
      const instead = vi.fn(async () => 'other');
      return { owner, gate, work, instead };
    };

    it('is waited for as long as its request lives, and leaves no timer', async () => {
      const { gate, work, instead } = begun();
      const waiting = watch(work.join(instead));
      await pass(60_000);
      expect([waiting.state, work.isLive]).toEqual(['pending', true]);
      gate.resolve('done');
      await pass(0);
      expect(waiting.value).toBe('done');
      expect(instead).not.toHaveBeenCalled();
      expect(vi.getTimerCount()).toBe(0);
    });

    it('fails whoever waits as it fails', async () => {
      const { gate, work, instead } = begun();
      const waiting = watch(work.join(instead));
      gate.reject(new Error('no'));
      await pass(0);
      expect(waiting.error).toEqual(new Error('no'));
      expect(vi.getTimerCount()).toBe(0);
    });

    it('is given up 1.5 s after its request has ended', async () => {
      const { owner, work, instead } = begun();
      const waiting = watch(work.join(instead));
      owner.end();
      await pass(1_499);
      expect([waiting.state, work.isLive]).toEqual(['pending', true]);
      await pass(1);
      expect([waiting.value, work.isLive]).toEqual(['other', false]);
      expect(vi.getTimerCount()).toBe(0);
    });

    it('is given up after 50 ms by who comes when it has long been silent', async () => {
      const { owner, work, instead } = begun();
      owner.end();
      await pass(10_000);
      const waiting = watch(work.join(instead));
      await pass(49);
      expect(waiting.state).toBe('pending');
      await pass(1);
      expect(waiting.value).toBe('other');
    });

    it('is not given up because the machine has slept', async () => {
      const { gate, work, instead } = begun();
      const waiting = watch(work.join(instead));
      vi.setSystemTime(Date.now() + 3_600_000);
      expect(work.isLive).toBe(false);
      await pass(5_000);
      expect([waiting.state, work.isLive]).toEqual(['pending', true]);
      gate.resolve('done');
      await pass(0);
      expect(waiting.value).toBe('done');
    });
  });
});
