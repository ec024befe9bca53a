let checked: typeof globalThis.Request | undefined;
let uploads = true;

/** Firefox alone turns a stream into its name, and is told by the Content-Type it gives to that text. */
export function uploadsStreams(): boolean {
  const { Request } = globalThis;
  if (Request !== checked && typeof Request === 'function') {
    checked = Request;
    uploads = keepsStreams(Request);
  }
  return uploads;
}

function keepsStreams(Request: typeof globalThis.Request): boolean {
  try {
    const init = { method: 'POST', body: new ReadableStream(), duplex: 'half' };
    return !new Request('https://a.example', init).headers.has('content-type');
  } catch {
    // WebKit refuses by itself, with an error of its own
    return true;
  }
}
