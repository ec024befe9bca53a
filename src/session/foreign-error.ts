import isNetworkError from 'is-network-error';
import { isTransportCode, isTransportMessage } from '../protocol/transport-code.js';

const NAMES = new Set(['AbortError', 'TimeoutError', 'NetworkError', 'FetchError']);

/** The request or its answer was lost on the way, or took too long. */
export function isTransportError(error: unknown): boolean {
  const { name, message, code } = about(error);
  return (
    isNetworkError(error) ||
    isTransportMessage(message) ||
    (name !== undefined && NAMES.has(name)) ||
    isTransportCode(code)
  );
}

/** Of Node, undici and Bun: there was no connection to send anything on. */
const UNSENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused)$/;

/** It certainly never reached the server. */
export function isUnsent(error: unknown): boolean {
  const { code, cause } = about(error);
  return UNSENT.test(code ?? about(cause).code ?? '');
}

/** `ECONNREFUSED`, `ConnectionRefused`: nothing that looks like an authorization code. */
const CODE = /^(?:[A-Z][A-Z_\d]{0,40}|(?:[A-Z][a-z]{1,15}){1,4})$/;

/** What may be told of an error that is not ours: its name and code. Its message may hold a token. */
export function safeCause(error: unknown): Error {
  const { name, code, cause: origin } = about(error);
  const safeName = fitting(/^[A-Za-z]\w{0,40}$/, name) ?? 'Error';
  const safeCode = fitting(CODE, code) ?? fitting(CODE, about(origin).code);
  const cause = new Error(safeCode === undefined ? safeName : `${safeName} (${safeCode})`);
  cause.name = safeName;
  return safeCode === undefined ? cause : Object.assign(cause, { code: safeCode });
}

/** An error of ours that a user's function threw may carry a client's own error: of that, too, only name and code are told. */
export function quieten(error: Error): void {
  const { cause } = error;
  if (cause === undefined || cause === null) return;
  Object.defineProperty(error, 'cause', { value: safeCause(cause), configurable: true, writable: true });
}

function fitting(pattern: RegExp, text: string | undefined): string | undefined {
  return text !== undefined && pattern.test(text) ? text : undefined;
}

function about(error: unknown): {
  name: string | undefined;
  message: string | undefined;
  code: string | undefined;
  cause: unknown;
} {
  const { name, message, code, cause } = Object(error);
  return { name: text(name), message: text(message), code: text(code), cause };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
