import { bodyOf, type Payload, type Sources } from './body.ts';
import { Cookies } from './cookies.ts';
import { exchange } from './http.ts';
import type { Platform } from './metro.ts';

/** Tells JavaScript of an event. */
export type Emit = (event: string, payload: unknown) => void;

interface Query {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Payload | null;
  readonly responseType: 'text' | 'base64' | 'blob';
  readonly withCredentials: boolean;
}

/** The native module Networking: NetworkingModule.kt or RCTNetworking.mm, over Node's HTTP. */
export function networking(platform: Platform, sources: Sources, emit: Emit): object {
  const underWay = new Map<number, AbortController>();
  const cookies = new Cookies();
  let count = 0;

  async function run(id: number, query: Query): Promise<void> {
    const own = new AbortController();
    underWay.set(id, own);
    // native methods run on a thread of their own
    await null;
    try {
      const { method, url, responseType, withCredentials } = query;
      const headers = new Map(Object.entries(query.headers));
      const isEmpty = platform === 'android' && /^(?:GET|HEAD)$/.test(method);
      const payload = isEmpty ? {} : (query.data ?? {});
      const { bytes, contentType } = bodyOf(platform, payload, headers.get('content-type'), sources);
      if (contentType) headers.set('content-type', contentType);
      const sending = { method, url, headers: [...headers], body: bytes };
      const jar = withCredentials ? cookies : undefined;
      const answer = await exchange(platform, sending, own.signal, jar);
      if (own.signal.aborted) return;
      emit('didReceiveNetworkResponse', [id, answer.status, answer.headers, answer.url]);
      const type = Object.entries(answer.headers).find(
        ([name]) => name.toLowerCase() === 'content-type',
      )?.[1];
      const data =
        responseType === 'blob'
          ? sources.blobs.keep(answer.body, type ?? '')
          : answer.body.toString(responseType === 'base64' ? 'base64' : 'utf8');
      emit('didReceiveNetworkData', [id, data]);
      emit('didCompleteNetworkResponse', [id, null, false]);
    } catch (error) {
      if (own.signal.aborted) return;
      emit('didCompleteNetworkResponse', [id, String((error as Error).message), false]);
    } finally {
      underWay.delete(id);
    }
  }

  const shared = {
    abortRequest(id: number) {
      underWay.get(id)?.abort();
    },
    clearCookies() {},
    addListener() {},
    removeListeners() {},
  };
  if (platform === 'ios') {
    return {
      ...shared,
      sendRequest(query: Query, created: (id: number) => void) {
        const id = ++count;
        created(id);
        void run(id, query);
      },
    };
  }
  return {
    ...shared,
    sendRequest(
      method: string,
      url: string,
      id: number,
      lines: readonly (readonly [string, string])[],
      data: Payload | null,
      responseType: Query['responseType'],
      _incremental: boolean,
      _timeout: number,
      withCredentials: boolean,
    ) {
      const headers = Object.fromEntries(lines);
      void run(id, { method, url, headers, data, responseType, withCredentials });
    },
  };
}
