import { discard } from '../read-text.js';

/** A server that could not answer now (408, 429, 5xx): the session classifies it and honors Retry-After. */
export function isTransient({ status }: Response): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** What a session needs of such an answer: its status and Retry-After, without a body of unknown length. */
export function later(response: Response): Response {
  discard(response);
  const after = response.headers.get('retry-after');
  return new Response(null, { status: response.status, headers: after ? { 'retry-after': after } : {} });
}
