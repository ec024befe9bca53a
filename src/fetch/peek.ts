import type { Peek } from './options.js';
import { readUpTo } from './read-up-to.js';

/** How much of a body is looked at, in bytes. */
const LIMIT = 65_536;

/** Looks into a copy of the body; an event stream has no end to wait for and is not looked into. */
export function peekInto(response: Response): Peek {
  let look: ReturnType<typeof read> | undefined;
  const once = () => {
    look ??= read(response);
    return look;
  };
  return {
    text: async () => (await once()).text,
    async json() {
      const { text, complete } = await once();
      try {
        return complete ? JSON.parse(text) : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

async function read(response: Response): Promise<{ text: string; complete: boolean }> {
  const type = response.headers.get('content-type') ?? '';
  if (response.body === null || response.bodyUsed || /^\s*text\/event-stream\b/i.test(type)) {
    return { text: '', complete: true };
  }
  const copy = response.clone();
  if (!copy.body) {
    // React Native: no streams, the body is in memory
    const text = await copy.text();
    return { text: text.slice(0, LIMIT), complete: text.length <= LIMIT };
  }
  const { bytes, complete } = await readUpTo(copy.body, LIMIT);
  return { text: new TextDecoder().decode(bytes), complete };
}
