import { isObject } from '../protocol/objects.js';
import { discard, readText } from '../read-text.js';

/** What is read of a token endpoint's answer; of an error's, what the client library has read already. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** The body's JSON; undefined where there is none. */
  readonly json: unknown;
}

/** By shape: a Response of any realm, or what another client calls one (`{ status, headers, data }`). */
export function isResponse(value: unknown): value is Response {
  return isObject(value) && typeof value['status'] === 'number' && isObject(value['headers']);
}

/** @param data The body, where somebody has read it: parsed or text. */
export async function answerOf(response: Response, data?: unknown): Promise<Answer> {
  const { status } = response;
  const retryAfter = retryAfterOf(response.headers);
  if (isTransient(status)) {
    // Nothing in it would change what is made of it.
    discard(response);
    return { status, retryAfter, json: undefined };
  }
  const body = data ?? (response as { data?: unknown }).data ?? (await readText(response));
  return { status, retryAfter, json: jsonOf(body) };
}

/** Try later, whatever the body says (RFC 9110, sections 15.5.9 and 15.6; RFC 6585, section 4). */
export function isTransient(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status <= 599);
}

/** Whether the request has succeeded (RFC 9110, section 15.3). */
export function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

function jsonOf(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** axios keeps headers in an object of its own. */
function retryAfterOf(headers: unknown): string | undefined {
  const named = headers as { get?: (name: string) => unknown; 'retry-after'?: unknown };
  const value = typeof named.get === 'function' ? named.get('retry-after') : named['retry-after'];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
