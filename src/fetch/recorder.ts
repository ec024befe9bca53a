import type { Payload } from './repeatable.js';

type Step = { readonly done?: boolean | undefined; readonly value?: Uint8Array | undefined };

/** Where the bytes come from: a reader of a stream, or an async iterator. */
export interface Source {
  next(): Promise<Step>;
  cancel(reason: unknown): unknown;
}

/** A stream body that keeps its chunks while they are few: a replay is the kept chunks, then the rest of the source. */
export class Recorder implements Payload {
  readonly streaming = true;
  readonly contentType: undefined;
  readonly bytes = 'stream';
  /** More has passed than is kept: cannot be sent again. */
  spent = false;
  #kept: Uint8Array[] = [];
  #size = 0;
  #ended = false;
  #reading: Promise<void> | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  /** Only the newest sending is fed. */
  #sending = 0;
  readonly #source: Source;
  readonly #limit: number;

  constructor(source: Source, limit: number) {
    this.#source = source;
    this.#limit = limit;
  }

  get unfinished(): boolean {
    return !this.#ended;
  }

  supersede(): void {
    this.#sending++;
    // a pull may wait for the source for ever: the platform is told that nothing more will come
    if (!this.#ended) this.#controller?.error(new Error('This sending was refused'));
    this.#controller = undefined;
  }

  next(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const sending = ++this.#sending;
    let at = 0;
    return new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: async (controller) => {
          if (at === this.#kept.length && !this.#ended) await this.#read();
          if (sending !== this.#sending) return;
          const chunk = this.#kept[at];
          if (chunk === undefined) return controller.close();
          at++;
          // no more replay: what has passed is dropped
          if (this.spent && at === this.#kept.length) at = this.#kept.length = 0;
          controller.enqueue(chunk.slice() as Uint8Array<ArrayBuffer>);
        },
        cancel: async (reason) => {
          if (sending === this.#sending) await this.#source.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** One read at a time, whoever asks: a superseded sending may still wait for it. */
  #read(): Promise<void> {
    this.#reading ??= this.#source.next().then(
      ({ done, value }) => {
        this.#reading = undefined;
        if (done || value === undefined) {
          this.#ended = true;
          return;
        }
        const chunk = bytesOf(value);
        this.#kept.push(chunk);
        this.#size += chunk.byteLength;
        if (this.#size > this.#limit) this.spent = true;
      },
      (error) => {
        this.#reading = undefined;
        this.spent = true;
        throw error;
      },
    );
    return this.#reading;
  }
}

/** A copy: the producer may use its buffer again. */
function bytesOf(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return new TextEncoder().encode(chunk);
  if (ArrayBuffer.isView(chunk)) return copyOf(chunk);
  throw new TypeError('A chunk of a stream body must be a Uint8Array');
}

export function copyOf(bytes: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
  return view.slice();
}
