import type { Attempt } from '../protocol/attempt.js';
import { Bare } from '../protocol/bare.js';
import type { Challenge } from '../protocol/challenge.js';

/** The longest text that is passed on from a server, in characters. */
const LONGEST = 200;
/** What programs read, whole or not at all. */
const READ_BY_PROGRAMS = /^(?:claims|scope|acr_values|nonce)$/;

/** Challenges as they may be shown: printable, short, and without what this call sent. */
export function cleanChallenges(
  challenges: readonly Challenge[],
  attempts: readonly Attempt[],
): readonly Challenge[] {
  const exact = attempts.flatMap(secretsOf);
  // schemes and names come in lower case
  const secrets = [...exact, ...exact.map((secret) => secret.toLowerCase())];
  const clean = (text: string, longest = LONGEST): string => {
    let rest = visible(text);
    for (const secret of secrets) rest = rest.split(secret).join('***');
    return rest.slice(0, longest);
  };
  return challenges.map(({ scheme, token68, params }) => {
    const cleaned = new Bare();
    for (const name in params) {
      const longest = READ_BY_PROGRAMS.test(name) ? Number.POSITIVE_INFINITY : LONGEST;
      cleaned[clean(name)] = clean(params[name] as string, longest);
    }
    const shown = { scheme: clean(scheme), params: cleaned };
    return token68 === undefined ? shown : { ...shown, token68: clean(token68) };
  });
}

function visible(text: string): string {
  return text.replace(/[^ -~]/g, '');
}

/** Whole values first, then what follows the auth-scheme; what is very short would blot out ordinary words. */
function secretsOf({ credentials }: Attempt): string[] {
  const { headers, query } = credentials ?? {};
  const values = [...Object.values(headers ?? {}), ...Object.values(query ?? {}).flatMap(spellings)];
  return values
    .flatMap((value) => [value, value.slice(value.indexOf(' ') + 1).trim()])
    .map(visible)
    .filter((secret) => secret.length > 3);
}

/** A server may repeat a query parameter decoded, as it came, or as it writes it itself. */
function spellings(value: string): string[] {
  const encoded = encodeURIComponent(value);
  const lower = encoded.replace(/%../g, (octet) => octet.toLowerCase());
  return [value, encoded, lower, encoded.replace(/%20/g, '+'), lower.replace(/%20/g, '+')];
}
