import { isA } from '../is-a.js';
import type { Target } from '../schemes/scheme.js';
import { multipart } from './multipart.js';
import { copyOf, Recorder, type Source } from './recorder.js';
import { uploadsStreams } from './upload-streams.js';

/** A request's body, as often as it is sent. */
export interface Payload {
  /** What the next sending is given. */
  next(): BodyInit;
  /** It cannot be sent again. */
  readonly spent: boolean;
  /** Bytes may still be on their way when the response is there. */
  readonly unfinished: boolean;
  /** Ends what still feeds the sending under way. */
  supersede(): void;
  readonly streaming: boolean;
  /** The Content-Type that belongs to it, unless the caller has set one. */
  readonly contentType: string | undefined;
  readonly bytes: Target['body'];
}

const NO_STREAMS = 'This platform cannot send a stream as `body`';

/** Bodies that do not change: what was mutable is copied before, and that before the first await. */
function fixed(body: BodyInit, contentType: string | undefined, bytes: Target['body']): Payload {
  return {
    next: () => body,
    spent: false,
    unfinished: false,
    supersede() {},
    streaming: false,
    contentType: contentType || undefined,
    bytes,
  };
}

/** Takes hold of a body, so that every sending has the bytes of the first; `limit` is for streams. */
export function repeatable(body: BodyInit, limit: number): Payload {
  if (typeof body === 'string') return text(body, 'text/plain;charset=UTF-8');
  if (isParams(body)) return text(String(body), 'application/x-www-form-urlencoded;charset=UTF-8');
  if (ArrayBuffer.isView(body) || isA(body, 'ArrayBuffer')) {
    const copy = copyOf(body as ArrayBuffer | ArrayBufferView);
    return fixed(copy, undefined, async () => copy.slice());
  }
  // React Native's form cannot be read: its native side does
  if (isA(body, 'FormData') && Symbol.iterator in body) {
    return blob(multipart(body as Iterable<[string, FormDataEntryValue]>));
  }
  if (isA(body, 'Blob') || isA(body, 'File')) return blob(body as Blob);
  const source = sourceOf(body);
  if (source === undefined) return fixed(body, undefined, 'stream');
  if (!uploadsStreams()) throw new TypeError(NO_STREAMS);
  return new Recorder(source, limit);
}

function text(body: string, type: string): Payload {
  return fixed(body, type, async () => new TextEncoder().encode(body));
}

function blob(body: Blob): Payload {
  // React Native's Blob cannot be read, its Response can
  return fixed(body, body.type, async () => new Uint8Array(await new Response(body).arrayBuffer()));
}

function sourceOf(body: object): Source | undefined {
  if (typeof (body as ReadableStream).getReader === 'function') {
    // a locked or disturbed stream is fetch's to refuse
    if ((body as ReadableStream).locked) return undefined;
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    return { next: () => reader.read(), cancel: (reason) => reader.cancel(reason) };
  }
  const iterate = (body as Partial<AsyncIterable<Uint8Array>>)[Symbol.asyncIterator];
  if (typeof iterate !== 'function') return undefined;
  if (typeof ReadableStream !== 'function') throw new TypeError(NO_STREAMS);
  const iterator = iterate.call(body);
  return { next: () => iterator.next(), cancel: () => iterator.return?.() };
}

export function isParams(body: BodyInit): body is URLSearchParams {
  return isA(body, 'URLSearchParams');
}
