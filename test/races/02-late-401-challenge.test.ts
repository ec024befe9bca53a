import { describe, expect, it, vi } from 'vitest';
import { bearer, createAuthFetch, outcomeOf, type TokenSource } from '../../src/fetch.js';
import { deferred } from '../support/deferred.js';
import { flush, raceClock, watch } from '../support/races-tools.js';

const API = 'https://registry.example';
const field = (scope = 'repository:a:pull', error = '') =>
  `Bearer realm="https://auth.example/token",service="r",scope="${scope}"${error}`;
const refusal = (text = field()) =>
  new Response('refused', { status: 401, headers: { 'www-authenticate': text } });

/** A registry that takes one token, a function whose answers are given by hand, and what both have seen. */
function setUp() {
  const asked: { refused: string | undefined; answer: (token?: string) => void; fail: (e: Error) => void }[] =
    [];
  const source: TokenSource = ({ refused, challenge }) => {
    if (challenge === undefined) return undefined;
    const next = deferred<string | undefined>();
    asked.push({ refused, answer: (token) => next.resolve(token), fail: next.reject });
    return next.promise;
  };
  const takes = { token: 't1' };
  const held = new Map<string, Promise<Response>>();
  const sent: (string | null)[] = [];
  const below = vi.fn(async (input: Parameters<typeof fetch>[0], init?: RequestInit) => {
    const authorization = new Headers(init?.headers).get('authorization');
    sent.push(authorization);
    const path = String(input).slice(API.length);
    const late = held.get(path);
    held.delete(path);
    if (late !== undefined) return late;
    return authorization === `Bearer ${takes.token}` ? new Response('ok') : refusal();
  });
  const authFetch = createAuthFetch({ baseUrl: API, auth: bearer(source), fetch: below });
  const call = (path: string, init?: RequestInit) => watch(authFetch(path, init));
  /** The first answer for this path is given by hand. */
  const hold = (path: string) => {
    const late = deferred<Response>();
    held.set(path, late.promise);
    return late;
  };
  /** t1 is held, and known to be taken below /v2/a/. */
  const pulled = async () => {
    const first = call('/v2/a/manifests/1');
    await flush();
    asked[0]?.answer('t1');
    await flush();
    expect(first.value?.status).toBe(200);
    sent.length = 0;
  };
  return { asked, takes, sent, call, hold, pulled };
}

describe('a token that was asked for by challenge', () => {
  raceClock();

  it('is asked for once by all who are challenged, and a late one gets it without asking', async () => {
    const { asked, sent, call, hold } = setUp();
    const late = hold('/v2/a/blobs/late');
    const last = call('/v2/a/blobs/late');
    const all = [1, 2, 3].map((n) => call(`/v2/a/blobs/${n}`));
    await flush();
    expect(asked).toHaveLength(1);
    asked[0]?.answer('t1');
    await flush();
    late.resolve(refusal());
    await flush();
    expect([last, ...all].map(({ value }) => value?.status)).toEqual([200, 200, 200, 200]);
    expect(asked).toHaveLength(1);
    expect(sent.filter((one) => one === null)).toHaveLength(4);
  });

  it('and refused is asked for once; a late refusal of it gets the new one', async () => {
    const { asked, takes, sent, call, hold, pulled } = setUp();
    await pulled();
    takes.token = 't2';
    const late = hold('/v2/a/blobs/late');
    const last = call('/v2/a/blobs/late');
    const all = [1, 2].map((n) => call(`/v2/a/blobs/${n}`));
    await flush();
    expect(asked.map(({ refused }) => refused)).toEqual([undefined, 't1']);
    const meanwhile = call('/v2/a/blobs/3');
    await flush();
    // it would only be refused
    expect(sent).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t1']);
    asked[1]?.answer('t2');
    await flush();
    late.resolve(refusal());
    await flush();
    expect([last, meanwhile, ...all].map(({ value }) => value?.status)).toEqual([200, 200, 200, 200]);
    expect(asked).toHaveLength(2);
    expect(sent.slice(3)).toEqual(Array(4).fill('Bearer t2'));
  });

  it('is waited for by nobody who has gone, and still kept for the others', async () => {
    const { asked, call } = setUp();
    const leaving = new AbortController();
    const gone = call('/v2/a/blobs/1', { signal: leaving.signal });
    const other = call('/v2/a/blobs/2');
    await flush();
    const why = new Error('the user went away');
    leaving.abort(why);
    await flush();
    expect([gone.error, other.state]).toEqual([why, 'pending']);
    asked[0]?.answer('t1');
    await flush();
    expect(other.value?.status).toBe(200);
    expect(asked).toHaveLength(1);
  });

  it('and could not be had fails all who wait with that error, and the next call asks again', async () => {
    const { asked, call } = setUp();
    const all = [1, 2].map((n) => call(`/v2/a/blobs/${n}`));
    await flush();
    const down = new Error('down');
    asked[0]?.fail(down);
    await flush();
    expect(all.map(({ error }) => error)).toEqual([down, down]);
    const next = call('/v2/a/blobs/1');
    await flush();
    asked[1]?.answer('t1');
    await flush();
    expect(next.value?.status).toBe(200);
  });

  it('and is refused for ever costs a call three sendings and two questions', async () => {
    const { asked, takes, call } = setUp();
    takes.token = 'none';
    const one = call('/v2/a/manifests/1');
    await flush();
    asked[0]?.answer('t1');
    await flush();
    asked[1]?.answer('t2');
    await flush();
    expect(outcomeOf(one.value as Response)).toMatchObject({ reason: 'refused-again', sendings: 3 });
    expect(asked.map(({ refused }) => refused)).toEqual([undefined, 't1']);
  });

  it('is never one for another scope, whatever order they are asked for in', async () => {
    const { asked, takes, call, hold } = setUp();
    const writing = 'repository:a:push,pull';
    const first = hold('/v2/a/blobs/uploads/');
    const read = call('/v2/a/blobs/1');
    const write = call('/v2/a/blobs/uploads/', { method: 'POST' });
    first.resolve(refusal(field(writing)));
    await flush();
    expect(asked).toHaveLength(2);
    takes.token = 'w';
    asked[1]?.answer('w');
    await flush();
    expect([write.value?.status, read.state]).toEqual([200, 'pending']);
    takes.token = 'r';
    asked[0]?.answer('r');
    await flush();
    expect(read.value?.status).toBe(200);
  });
});
