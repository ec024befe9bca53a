import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { challenge, isRight, type Seen, served } from './support.js';

/** How a server deals with nonces: how often each may be used, whether all get the same, whether the next one is told. */
interface Rules {
  readonly uses: number;
  readonly isShared: boolean;
  readonly tellsNext: boolean;
}

/** A server that lets every use of a nonce in once, as often as it may be used; everything else is stale. */
function serverOf({ uses, isShared, tellsNext }: Rules) {
  const seen = new Map<string, Set<string>>();
  let n = 0;
  let current = '';
  const fresh = () => {
    const isGood = isShared && (seen.get(current)?.size ?? uses) < uses;
    if (!isGood) current = `n${++n}`;
    if (!seen.has(current)) seen.set(current, new Set());
    return current;
  };
  const asks = (stale: boolean) => challenge(`realm="r", nonce="${fresh()}", qop="auth", stale=${stale}`);
  return (one: Seen): Response => {
    const { nonce, nc } = one.params;
    if (nonce === undefined || nc === undefined) return asks(false);
    if (!isRight(one)) return new Response('', { status: 400 });
    const used = seen.get(nonce);
    if (used === undefined || used.has(nc) || used.size >= uses) return asks(true);
    used.add(nc);
    const headers: Record<string, string> = tellsNext
      ? { 'Authentication-Info': `nextnonce="${fresh()}"` }
      : {};
    return new Response('ok', { headers });
  };
}

const rules = fc.record({
  uses: fc.constantFrom(1, 2, 5, Number.POSITIVE_INFINITY),
  tellsNext: fc.boolean(),
});

describe('digest in any order of answers', () => {
  it('lets every call in with two sendings at most, and shares no nonce count', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        rules.map((one) => ({ ...one, isShared: false })),
        fc.array(fc.nat(6), { minLength: 1, maxLength: 4 }),
        async (scheduler, given, bursts) => {
          const answer = serverOf(given);
          const { authFetch, seen } = served(async (one) => {
            await scheduler.schedule(Promise.resolve(), 'arrives');
            const response = answer(one);
            await scheduler.schedule(Promise.resolve(), 'is answered');
            return response;
          });
          let calls = 0;
          for (const size of bursts) {
            const burst = Array.from({ length: size }, () => authFetch('/'));
            calls += size;
            const all = Promise.all(burst);
            await scheduler.waitFor(all);
            expect((await all).map(({ status }) => status)).toEqual(Array(size).fill(200));
          }
          expect(seen.length).toBeLessThanOrEqual(2 * calls);
          const used = seen.flatMap(({ params }) =>
            params['nonce'] ? [`${params['nonce']} ${params['nc']}`] : [],
          );
          expect(new Set(used).size).toBe(used.length);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('shares no nonce count where all are given the same nonce, and ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        rules.map((one) => ({ ...one, isShared: true })),
        fc.array(fc.nat(6), { minLength: 1, maxLength: 4 }),
        async (scheduler, given, bursts) => {
          const answer = serverOf(given);
          const { authFetch, seen } = served(async (one) => {
            await scheduler.schedule(Promise.resolve(), 'arrives');
            return answer(one);
          });
          for (const size of bursts) {
            const all = Promise.all(Array.from({ length: size }, () => authFetch('/')));
            await scheduler.waitFor(all);
            const statuses = (await all).map(({ status }) => status);
            // one nonce for all that is good for a few only: somebody may come too late twice
            if (given.uses === Number.POSITIVE_INFINITY) expect(statuses).toEqual(Array(size).fill(200));
            expect(seen.every((one) => one.authorization === null || isRight(one))).toBe(true);
          }
          const used = seen.flatMap(({ params }) =>
            params['nonce'] ? [`${params['nonce']} ${params['nc']}`] : [],
          );
          expect(new Set(used).size).toBe(used.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
