import { Agent, type IncomingMessage, request } from 'node:http';
import type { Cookies } from './cookies.ts';
import { hop, type Sending } from './hop.ts';
import type { Platform } from './metro.ts';

/** What the native side tells JavaScript of a response. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Where it came from in the end. */
  readonly url: string;
  readonly body: Buffer;
}

const MAX_HOPS = 20;

/** Sends as the platform's own HTTP client does: redirects are followed, and cookies kept, unless there is no jar. */
export async function exchange(
  platform: Platform,
  first: Sending,
  signal: AbortSignal,
  jar: Cookies | undefined,
): Promise<Answer> {
  const agent = new Agent();
  // both clients write the URL in a form of their own
  let sending: Sending = { ...first, url: new URL(first.url).href };
  for (let hops = 0; hops <= MAX_HOPS; hops++) {
    const answer = await once(agent, sending, signal, jar);
    const location = answer.headers['location'];
    if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) {
      return { ...answer, headers: named(platform, answer.headers) };
    }
    sending = hop(platform, sending, answer.status, location);
  }
  throw new Error('Too many follow-up requests');
}

async function once(
  agent: Agent,
  { method, url, headers, body }: Sending,
  signal: AbortSignal,
  jar: Cookies | undefined,
) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const lines = headers.flat();
    const cookie = jar?.get(url);
    if (cookie !== undefined) lines.push('Cookie', cookie);
    const length = body === undefined ? [] : ['Content-Length', String(body.length)];
    const { host } = new URL(url);
    const outgoing = request(url, { method, headers: ['Host', host, ...lines, ...length], agent, signal });
    outgoing.on('response', resolve).on('error', reject).end(body);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  jar?.set(url, response.headers['set-cookie'] ?? []);
  const answered: Record<string, string> = {};
  for (const [name, values = []] of Object.entries(response.headersDistinct))
    answered[name] = values.join(', ');
  return { status: response.statusCode ?? 0, headers: answered, url, body: Buffer.concat(chunks) };
}

/** NSHTTPURLResponse writes names in its own way, such as Www-Authenticate. */
function named(platform: Platform, headers: Readonly<Record<string, string>>): Record<string, string> {
  if (platform === 'android') return { ...headers };
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.replace(/\b[a-z]/g, (c) => c.toUpperCase()), value]),
  );
}
