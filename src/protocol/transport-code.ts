/** Codes of Node, undici, axios and Bun for a request that failed on the way. */
const CODES =
  /^(E(AI_|CONN|HOST|NET|TIMEDOUT|PIPE)|ENOTFOUND|ERR_NETWORK|UND_ERR_|Connection|FailedToOpenSocket)/;

/** React Native and workerd give no code. */
const MESSAGES: readonly unknown[] = ['Network request failed', 'Network connection lost.'];

/** Whether an error's `message` says so. */
export function isTransportMessage(message: unknown): boolean {
  return MESSAGES.includes(message);
}

/** Whether an error's `code` says that the request or its answer was lost on the way. */
export function isTransportCode(code: unknown): boolean {
  return typeof code === 'string' && CODES.test(code);
}
