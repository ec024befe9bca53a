import { readUpTo } from './read-up-to.js';

/** How much of a refused response is kept, in bytes, and how much is read to free its connection. */
const KEPT = 16_384;
/** How long bytes that are still on their way are waited for: a body that never ends would keep its connection. */
const PATIENCE_MS = 1_000;

/** What is left of a refused response while something is waited for: its connection is free. */
export class Aside {
  /** Settles when nothing of it is on its way any more; never rejects. */
  readonly done: Promise<void>;
  readonly #of: Pick<Response, 'status' | 'statusText' | 'url' | 'redirected' | 'type'>;
  /** Names and values in turn: a crowd of refusals waits, and `Headers` are large. */
  readonly #lines: readonly string[];
  #body: ArrayBuffer | Uint8Array<ArrayBuffer> | undefined;

  /** A small body is read to its end, a large one cancelled; nothing is waited for. */
  constructor(response: Response) {
    const { status, statusText, headers, url, redirected, type } = response;
    this.#of = { status, statusText, url, redirected, type };
    const lines: string[] = [];
    headers.forEach((value, name) => {
      lines.push(name, value);
    });
    // a copy has no room to grow
    this.#lines = lines.slice();
    const keep = (bytes: ArrayBuffer | Uint8Array<ArrayBuffer> | undefined) => {
      this.#body = bytes;
    };
    this.done = takeBody(response).then(keep, () => {});
  }

  /** A response like it, with the body as far as it was read. */
  async rebuild(): Promise<Response> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS);
    });
    await Promise.race([this.done, late]);
    clearTimeout(timer);
    const { url, redirected, type, ...init } = this.#of;
    const body = this.#body === undefined ? null : new Uint8Array(this.#body).subarray(0, KEPT);
    const again = new Response(body, init);
    for (let i = 0; i < this.#lines.length; i += 2) {
      again.headers.append(this.#lines[i] as string, this.#lines[i + 1] as string);
    }
    return Object.defineProperties(again, {
      url: { value: url },
      redirected: { value: redirected },
      type: { value: type },
    });
  }
}

function takeBody(response: Response): Promise<ArrayBuffer | Uint8Array<ArrayBuffer> | undefined> {
  const { body, headers } = response;
  if (body === null || response.bodyUsed || body?.locked) return Promise.resolve(undefined);
  const isLarge = Number(headers.get('content-length')) >= KEPT;
  // without streams the body is in memory already
  if (body === undefined) return isLarge ? Promise.resolve(undefined) : response.arrayBuffer();
  if (isLarge) return body.cancel().then(() => undefined);
  // a length may be wrong: what is compressed is larger, and what is announced may never come
  return readUpTo(body, KEPT, PATIENCE_MS).then(({ bytes }) => bytes);
}
