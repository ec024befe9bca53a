import type { Target } from '../schemes/scheme.js';
import { multipart } from './multipart.js';
import { Recorder, type Source } from './recorder.js';
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

/** Bodies that do not change: what was mutable is copied here, before the first await. */
class Fixed implements Payload {
  readonly spent = false;
  readonly unfinished = false;
  readonly streaming = false;
  readonly bytes: Target['body'];
  readonly contentType: string | undefined;
  readonly #body: BodyInit;

  constructor(body: BodyInit, contentType: string | undefined, bytes: Target['body']) {
    this.#body = body;
    this.contentType = contentType;
    this.bytes = bytes;
  }

  next(): BodyInit {
    return this.#body;
  }

  supersede(): void {}
}

/** Takes hold of a body, so that every sending has the bytes of the first; `limit` is for streams. */
export function repeatable(body: BodyInit, limit: number): Payload {
  if (typeof body === 'string') return text(body, 'text/plain;charset=UTF-8');
  if (isParams(body)) return text(String(body), 'application/x-www-form-urlencoded;charset=UTF-8');
  if (ArrayBuffer.isView(body) || tagOf(body) === 'ArrayBuffer') {
    const copy = bytesOf(body as ArrayBuffer | ArrayBufferView);
    return new Fixed(copy, undefined, async () => copy.slice());
  }
  if (isForm(body)) {
    // React Native's cannot be read: its native side does
    if (!isIterable(body)) return new Fixed(body, undefined, 'stream');
    return blob(multipart(body));
  }
  if (isBlob(body)) return blob(body);
  const source = sourceOf(body);
  if (source === undefined) return new Fixed(body, undefined, 'stream');
  if (!uploadsStreams()) {
    throw new TypeError(
      'This platform cannot send a stream as `body`: it would send the text "[object ReadableStream]"',
    );
  }
  return new Recorder(source, limit);
}

function text(body: string, type: string): Payload {
  return new Fixed(body, type, async () => new TextEncoder().encode(body));
}

function blob(body: Blob): Payload {
  return new Fixed(body, body.type || undefined, async () => new Uint8Array(await body.arrayBuffer()));
}

function bytesOf(body: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  if (!ArrayBuffer.isView(body)) return new Uint8Array(body.slice(0));
  return new Uint8Array(body.buffer as ArrayBuffer, body.byteOffset, body.byteLength).slice();
}

function sourceOf(body: object): Source | undefined {
  if (typeof (body as ReadableStream).getReader === 'function') {
    // a locked or disturbed stream is fetch's to refuse
    if ((body as ReadableStream).locked) return undefined;
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    return { next: () => reader.read(), cancel: (reason) => reader.cancel(reason) };
  }
  const iterate = (body as Partial<AsyncIterable<Uint8Array>>)[Symbol.asyncIterator];
  if (typeof iterate !== 'function' || typeof ReadableStream !== 'function') return undefined;
  const iterator = iterate.call(body);
  return { next: () => iterator.next(), cancel: () => iterator.return?.() };
}

/** By its tag, or by its type: React Native's has no tag. */
export function isParams(body: BodyInit): boolean {
  return (
    typeof body === 'object' && (tagOf(body) === 'URLSearchParams' || isA(body, globalThis.URLSearchParams))
  );
}

function isForm(body: object): body is FormData {
  return tagOf(body) === 'FormData' || isA(body, globalThis.FormData);
}

function isBlob(body: object): body is Blob {
  const tag = tagOf(body);
  return tag === 'Blob' || tag === 'File' || isA(body, globalThis.Blob);
}

function isIterable(body: object): body is Iterable<[string, FormDataEntryValue]> {
  return typeof (body as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function';
}

function isA(body: object, type: (new (...args: never[]) => object) | undefined): boolean {
  return typeof type === 'function' && body instanceof type;
}

function tagOf(body: object): string {
  return Object.prototype.toString.call(body).slice(8, -1);
}
