import isNetworkError from 'is-network-error';
import { isTransportCode, isTransportMessage } from '../../protocol/transport-code.js';
import { nameIn } from './shown.js';
import { text } from './text.js';

/** What fetch or the caller made of a request that got no response; undefined: something else. */
export function foreignText(error: unknown): string | undefined {
  const { name, cause, code: own } = Object(error) as { name?: unknown; cause?: unknown; code?: unknown };
  if (name === 'AbortError') {
    return text('The request was aborted by its caller: no refusal.', [
      ['Try', 'look for who aborts its signal; a refresh that had begun goes on'],
    ]);
  }
  if (name === 'TimeoutError') {
    return text('The request took too long and was given up: no refusal.', [
      ['Try', 'repeat it, or allow more time: a refresh alone may take 8 seconds (`refreshTimeoutMs`)'],
    ]);
  }
  if (
    isNetworkError(error) ||
    isTransportMessage((Object(error) as { message?: unknown }).message) ||
    (error instanceof TypeError && isTransportCode(own))
  ) {
    // Bun has it on the error itself
    const code = nameIn((Object(cause) as { code?: unknown }).code ?? own);
    return text(
      `No response came${code === undefined ? '' : ` (${code})`}: nothing was refused by a server.`,
      [
        ['Try', 'the connection, the name and the port'],
        [
          'Try',
          'in a page: the console shows what CORS refused; the preflight must allow `Authorization` by name (Access-Control-Allow-Headers), also on a 401',
        ],
        [
          'Try',
          'in a page: credentials in other headers do not follow a redirect, and a Basic challenge to a stream body is an error',
        ],
      ],
    );
  }
  return undefined;
}

/** What latchkey knows nothing of. */
export function unknownText(about: unknown): string {
  const name = nameIn((Object(about) as { name?: unknown }).name);
  return `This is no refusal that latchkey knows (${name ?? (about === null ? 'null' : typeof about)}): its own message may say more.`;
}
