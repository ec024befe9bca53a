import { probed } from './probed.js';

/** Firefox alone turns a stream into its name, and is told by the Content-Type it gives to that text. */
const keepsStreams = /* @__PURE__ */ probed((Request: typeof globalThis.Request) => {
  try {
    const init = { method: 'POST', body: new ReadableStream(), duplex: 'half' };
    return !new Request('https://a.example', init).headers.has('content-type');
  } catch {
    // WebKit refuses by itself, with an error of its own; React Native has no streams
    return true;
  }
});

export function uploadsStreams(): boolean {
  return keepsStreams(globalThis.Request);
}
