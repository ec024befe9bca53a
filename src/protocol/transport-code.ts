/** Codes of Node, undici, axios and Bun for a request that failed on the way. */
const CODES =
  /^(E(AI_|CONN|HOST|NET|TIMEDOUT|PIPE)|ENOTFOUND|ERR_NETWORK|UND_ERR_|Connection|FailedToOpenSocket)/;

/** Whether an error's `code` says that the request or its answer was lost on the way. */
export function isTransportCode(code: unknown): boolean {
  return typeof code === 'string' && CODES.test(code);
}
