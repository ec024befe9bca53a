import { isFieldText } from '../../protocol/syntax.js';
import { ALGORITHMS, type DigestAlgorithm } from './algorithm.js';

/** What `digest` is told besides who is sent. */
export interface DigestOptions {
  /** Those that are answered, each with its `-sess` form; of several challenges the server's first counts. @default all three */
  algorithms?: readonly DigestAlgorithm[] | undefined;
  /**
   * Demands the server's proof that it knows the password too, `rspauth` (RFC 7616, section 3.5): a success without a
   * right one is a ServerNotVerifiedError. @default false: a wrong one is an event
   */
  verifyServer?: boolean | undefined;
  /** Makes the client's nonce, anew for every sending; unpredictable text. @default 128 bits of crypto.getRandomValues */
  cnonce?: (() => string) | undefined;
}

/** The options, checked. */
export interface Settings {
  readonly algorithms: readonly DigestAlgorithm[];
  readonly verifyServer: boolean;
  readonly cnonce: () => string;
}

/** TypeError with the option's name where one cannot be. */
export function readSettings(options: DigestOptions = {}): Settings {
  const { algorithms = ALGORITHMS, verifyServer = false, cnonce = randomText } = options;
  must(
    Array.isArray(algorithms) &&
      algorithms.length > 0 &&
      algorithms.every((name) => ALGORITHMS.includes(name)),
    'algorithms',
    `name some of ${ALGORITHMS.join(', ')}`,
  );
  must(typeof verifyServer === 'boolean', 'verifyServer', 'be true or false');
  must(typeof cnonce === 'function', 'cnonce', 'be a function');
  return {
    algorithms: [...algorithms],
    verifyServer,
    cnonce() {
      const text: unknown = cnonce();
      must(
        typeof text === 'string' && isFieldText(text),
        'cnonce',
        'return text that a header field can hold',
      );
      return text as string;
    },
  };
}

function must(holds: boolean, option: string, what: string): void {
  if (!holds) throw new TypeError(`digest: \`${option}\` must ${what}`);
}

/** React Native has no source of random numbers, unless it was given one. */
function randomText(): string {
  const { crypto } = globalThis;
  must(
    typeof crypto?.getRandomValues === 'function',
    'cnonce',
    'be given where the platform has no crypto.getRandomValues',
  );
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
