import { describe, expect, it, vi } from 'vitest';
import { parseChallenges } from '../../src/protocol/challenge.js';
import { bearer } from '../../src/schemes/bearer.js';
import { joined } from '../../src/schemes/joined.js';
import type { Target } from '../../src/schemes/scheme.js';
import { deferred } from '../support/deferred.js';
import { endingRequests } from '../support/races-requests.js';
import { flush, pass, raceClock, watch } from '../support/races-tools.js';

const target = { url: 'https://registry.example/v2/a', method: 'GET' } as Target;
const [challenge] = parseChallenges('Bearer realm="https://auth.example/token",service="r",scope="a:pull"');

/** A function of the user's whose answers come when the test gives them. */
function asked() {
  const answers: ReturnType<typeof deferred<string | undefined>>[] = [];
  const ask = vi.fn(() => {
    const answer = deferred<string | undefined>();
    answers.push(answer);
    return answer.promise;
  });
  return { ask, answer: (n: number, value?: string) => answers[n]?.resolve(value) };
}

describe('what a request asked that has ended', () => {
  raceClock();
  const request = endingRequests();

  it('is asked once more for all who wait, also for one who finds that out when the answer is there', async () => {
    const of = {};
    const { ask, answer } = asked();
    const [first, second, third] = [request(), request(), request()];
    watch(first.run(() => joined(of, ask)));
    const waiting = [watch(second.run(() => joined(of, ask)))];
    await pass(200);
    first.end();
    waiting.push(watch(third.run(() => joined(of, ask))));
    await pass(1_300);
    expect(ask).toHaveBeenCalledTimes(2);
    answer(1, 'a');
    await pass(300);
    expect(waiting.map(({ value }) => value)).toEqual(['a', 'a']);
    expect(ask).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is a replacement that its function is asked for again', async () => {
    const { ask, answer } = asked();
    const scheme = bearer(ask);
    const replace = () => scheme.replace?.({ version: 't1' }, target, undefined);
    const first = request();
    watch(Promise.resolve(first.run(replace)));
    await flush();
    first.end();
    const waiting = [request(), request()].map((one) => watch(Promise.resolve(one.run(replace))));
    await pass(1_600);
    expect(ask).toHaveBeenCalledTimes(2);
    answer(1, 't2');
    await flush();
    expect(waiting.map(({ value }) => value)).toMatchObject(
      Array(2).fill({ credentials: { version: 't2' } }),
    );
  });

  it('is a token of a token server that is asked for again in place of a refused one', async () => {
    const { ask, answer } = asked();
    const scheme = bearer(ask);
    const got = watch(Promise.resolve(request().run(() => scheme.credentials(target, challenge))));
    answer(0, 't1');
    await flush();
    const refused = got.value;
    if (!refused) throw new Error('There was no token');
    const replace = () => scheme.replace?.(refused, target, challenge);
    const first = request();
    watch(Promise.resolve(first.run(replace)));
    await flush();
    first.end();
    const waiting = watch(Promise.resolve(request().run(replace)));
    await pass(1_600);
    expect(ask).toHaveBeenCalledTimes(3);
    answer(2, 't2');
    await flush();
    expect(waiting.value).toMatchObject({ credentials: { version: 't2' }, minted: true });
  });
});
