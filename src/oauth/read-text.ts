/** A body as text, or undefined when it is longer than `limit` bytes: then nothing more of it is read. */
export async function readText(response: Response, limit: number): Promise<string | undefined> {
  if (Number(response.headers.get('content-length')) > limit) {
    discard(response);
    return undefined;
  }
  // React Native has no body streams: what it received is in memory already.
  if (!response.body) return shortEnough(await response.text(), limit);
  const reader = response.body.getReader();
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

/** Ends a body that nobody reads, so that its connection is free. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => {});
}

function shortEnough(text: string, limit: number): string | undefined {
  return text.length > limit ? undefined : text;
}
