import type { Challenge } from '../protocol/challenge.js';
import type { Credentials } from '../protocol/credentials.js';

/** The longest text that is passed on from a server, in characters. */
const LONGEST = 200;
/** What programs read, whole or not at all. */
const READ_BY_PROGRAMS = /^(?:claims|scope|acr_values|nonce)$/;

/** Challenges as they may be shown: printable, short, and without what this call sent. */
export function cleanChallenges(
  challenges: readonly Challenge[],
  sent: readonly (Credentials | undefined)[],
): readonly Challenge[] {
  if (challenges.length === 0) return challenges;
  const exact = sent.flatMap(secretsOf);
  // schemes and names come in lower case
  const secrets = [...exact, ...exact.map((secret) => secret.toLowerCase())];
  return challenges.map(({ scheme, token68, params }) => {
    const cleaned: Record<string, string> = Object.create(null);
    for (const name in params) {
      const text = cleanText(params[name] as string, secrets);
      cleaned[cleanText(name, secrets).slice(0, LONGEST)] = READ_BY_PROGRAMS.test(name)
        ? text
        : text.slice(0, LONGEST);
    }
    const token = token68 === undefined ? undefined : cleanText(token68, secrets).slice(0, LONGEST);
    return {
      scheme: cleanText(scheme, secrets).slice(0, LONGEST),
      ...(token === undefined ? undefined : { token68: token }),
      params: cleaned,
    };
  });
}

function cleanText(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (clean.includes(secret)) clean = clean.split(secret).join('***');
  return clean.replace(/[^\x20-\x7e]/g, '');
}

/** Whole values first, then what follows the auth-scheme; what is very short would blot out ordinary words. */
function secretsOf(credentials: Credentials | undefined): string[] {
  const values = [...Object.values(credentials?.headers ?? {}), ...Object.values(credentials?.query ?? {})];
  const secrets: string[] = [];
  for (const value of values) {
    secrets.push(value);
    const space = value.indexOf(' ');
    if (space > 0) secrets.push(value.slice(space + 1).trim());
  }
  return secrets.filter((secret) => secret.length > 3);
}
