import { readUpTo } from './read-up-to.js';

/** How much of a refused response is kept, in bytes, and how much is read to free its connection. */
const KEPT = 16_384;
/** How long a rebuilt response waits for bytes that are still on their way. */
const PATIENCE_MS = 1_000;

/** What is left of a refused response while something is waited for: its connection is free. */
export interface Aside {
  /** Settles when nothing of it is on its way any more; never rejects. */
  readonly done: Promise<void>;
  /** A response like it, with the body as far as it was read. */
  rebuild(): Promise<Response>;
}

/** Frees the connection of a response: a small body is read to its end, a large one cancelled; nothing is waited for. */
export function setAside(response: Response): Aside {
  const { status, statusText, headers, url, redirected, type } = response;
  let body: Uint8Array<ArrayBuffer> | null = null;
  const done = takeBody(response).then(
    (bytes) => {
      body = bytes;
    },
    () => {},
  );
  return {
    done,
    async rebuild() {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, PATIENCE_MS);
      });
      await Promise.race([done, late]);
      clearTimeout(timer);
      const again = new Response(body, { status, statusText, headers });
      return Object.defineProperties(again, {
        url: { value: url },
        redirected: { value: redirected },
        type: { value: type },
      });
    },
  };
}

async function takeBody(response: Response): Promise<Uint8Array<ArrayBuffer> | null> {
  const { body, headers } = response;
  if (body === null || response.bodyUsed) return null;
  const length = headers.get('content-length');
  if (length !== null && Number(length) >= KEPT) {
    // without streams the body is in memory already
    await body?.cancel();
    return null;
  }
  // what is compressed may be far larger than declared
  const isSmall = length !== null && headers.get('content-encoding') === null;
  if (!isSmall && body !== undefined) return (await readUpTo(body, KEPT)).bytes;
  const bytes = new Uint8Array(await response.arrayBuffer());
  return bytes.byteLength > KEPT ? bytes.slice(0, KEPT) : bytes;
}
