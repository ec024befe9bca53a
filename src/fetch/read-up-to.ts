/** Reads at most so many bytes of a stream, for at most so many milliseconds, then cancels it. */
export async function readUpTo(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  patienceMs?: number,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly complete: boolean }> {
  const reader = stream.getReader();
  const cancel = () => void reader.cancel().then(undefined, () => {});
  let late = false;
  const timer =
    patienceMs === undefined
      ? undefined
      : setTimeout(() => {
          late = true;
          cancel();
        }, patienceMs);
  const chunks: Uint8Array[] = [];
  let size = 0;
  let ended = false;
  try {
    while (size <= limit && !ended) {
      const { done, value } = await reader.read();
      ended = done;
      if (value === undefined) continue;
      chunks.push(value);
      size += value.byteLength;
    }
  } finally {
    clearTimeout(timer);
  }
  if (!ended) cancel();
  const bytes = new Uint8Array(Math.min(size, limit));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk.subarray(0, limit - at), at);
    at += chunk.byteLength;
  }
  return { bytes, complete: ended && !late };
}
