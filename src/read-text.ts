/** No token response is longer, in bytes. */
const LONGEST = 65_536;

/**
 * The body as text; undefined where it was read already or is longer than `limit` bytes: then nothing more is read.
 * It rejects where the connection breaks.
 */
export async function readText(response: Response, limit: number = LONGEST): Promise<string | undefined> {
  if (response.bodyUsed || response.body?.locked || typeof response.text !== 'function') {
    return undefined;
  }
  if (Number(response.headers.get('content-length')) > limit) {
    discard(response);
    return undefined;
  }
  // React Native has no streams: there the platform has read it all.
  if (typeof response.body?.getReader === 'function' && typeof TextDecoder === 'function') {
    return readStream(response.body, limit);
  }
  const text = await response.text();
  return text.length > limit ? undefined : text;
}

/** Frees the connection; nothing waits for it. */
export function discard(response: Response): void {
  if (!response.bodyUsed && !response.body?.locked) response.body?.cancel?.().catch(() => {});
}

async function readStream(body: ReadableStream<Uint8Array>, limit: number): Promise<string | undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.byteLength;
    if (length > limit) {
      reader.cancel().catch(() => {});
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}
