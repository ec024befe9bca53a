/** Reads at most so many bytes of a stream, then cancels it. */
export async function readUpTo(
  stream: ReadableStream<Uint8Array>,
  limit: number,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly complete: boolean }> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let complete = false;
  while (size <= limit && !complete) {
    const { done, value } = await reader.read();
    complete = done;
    if (value === undefined) continue;
    chunks.push(value);
    size += value.byteLength;
  }
  if (!complete) reader.cancel().then(undefined, () => {});
  const bytes = new Uint8Array(Math.min(size, limit));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk.subarray(0, limit - at), at);
    at += chunk.byteLength;
  }
  return { bytes, complete };
}
