/** How much of a body is read for a proof, in bytes. */
const LONGEST = 16_777_216;

/** The bytes of a copy; undefined where they are not what the server sent, or too many. */
export async function readCopy(response: Response): Promise<Uint8Array | undefined> {
  // the platform has decoded it: what it was is gone
  if (response.headers.get('content-encoding') !== null) return undefined;
  const { body } = response.clone();
  // React Native has no streams: there the platform has read it all
  if (!body) return new Uint8Array(await response.clone().arrayBuffer());
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.byteLength;
    if (size > LONGEST) {
      reader.cancel().catch(() => {});
      return undefined;
    }
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
