import { causesOf } from './causes.js';
import { asked, clocks, sent } from './lines.js';
import { renewal } from './renewal.js';
import type { Seen } from './seen.js';
import { text } from './text.js';
import { wordsOf } from './words.js';

/** As many causes as are worth looking into. */
const MOST = 3;

/** A refused request in words. */
export function refusalText(seen: Seen): string {
  const causes = causesOf(seen).slice(0, MOST);
  const words = causes.map((cause) => wordsOf(cause, seen));
  const { status, where, outcome } = seen;
  const what = `${status === 0 ? 'No status' : status}${where === '' ? '' : ` from ${where}`}: ${words[0]?.what}.`;
  const next = words.map((word): readonly [string, string] => ['Try', word.next]);
  const isRefusal = outcome !== undefined || status === 401 || status === 403;
  if (!isRefusal) return text(what, next);
  return text(what, [
    ['Asked for', asked(seen)],
    ['Sent', sent(seen) ?? 'not known: latchkey did not deliver this response, or it is a clone'],
    ['Refresh', renewal(seen)],
    ['Clocks', clocks(seen)],
    ...next,
  ]);
}
