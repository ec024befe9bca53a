interface Read {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly complete: boolean;
}

/** Reads at most so many bytes of a stream, for at most so many milliseconds, then cancels it. */
export function readUpTo(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  patienceMs?: number,
): Promise<Read> {
  const reader = stream.getReader();
  const cancel = () => void reader.cancel().then(undefined, () => {});
  let chunks: Uint8Array[] = [];
  let size = 0;
  let late = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const more = (): Promise<Read> => reader.read().then(take, fail);
  const fail = (error: unknown): never => {
    clearTimeout(timer);
    throw error;
  };
  const take = ({ done, value }: ReadableStreamReadResult<Uint8Array>): Read | Promise<Read> => {
    if (value !== undefined) {
      // most bodies are one chunk, and an array that grows takes room for seventeen
      if (size === 0) chunks = [value];
      else chunks.push(value);
      size += value.byteLength;
    }
    if (!done && size <= limit) return more();
    clearTimeout(timer);
    if (!done) cancel();
    return { bytes: joined(chunks, Math.min(size, limit)), complete: done && !late };
  };
  if (patienceMs !== undefined) {
    timer = setTimeout(() => {
      late = true;
      cancel();
    }, patienceMs);
  }
  return more();
}

/** A copy: what a platform reads may be a small part of a large buffer. */
function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk.subarray(0, length - at), at);
    at += chunk.byteLength;
  }
  return bytes;
}
