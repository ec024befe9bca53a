import { Bare } from './bare.js';
import { BLANK, CLASSES, COMMA, TCHAR, TOKEN68 } from './syntax.js';

/** One challenge: a server asks for credentials of this auth-scheme (RFC 9110, section 11.3). */
export interface Challenge {
  /** The auth-scheme in lower case: it is matched case-insensitively. */
  readonly scheme: string;
  readonly token68?: string | undefined;
  /** The auth-params: names in lower case, values un-escaped, of a repeated name the last. */
  readonly params: Readonly<Record<string, string>>;
}

interface Draft extends Challenge {
  params: Params;
}
interface Params extends Record<string, string> {
  realm: string;
  error: string;
  error_description: string;
}

const NONE = /* @__PURE__ */ Object.freeze(new Bare()) as Params;

const QUOTE = 34;
const EQUALS = 61;
const BACKSLASH = 92;

/** Where the reader stands: what may begin here. */
const ELEMENT = 0; // after a comma: a challenge, or a parameter
const DATA = 1; // after scheme and blank: a token68, or a parameter
const LOOSE = 2; // after a blank, the comma is missing: a parameter, or a scheme before `realm=`
const JUNK = 3; // inside an element that makes no sense: nothing

/**
 * Reads the challenges of a WWW-Authenticate field value, several lines joined with a comma (RFC 9110, section 11.6.1).
 *
 * Never throws. Where the grammar is broken it keeps what is complete: an unquoted value ends at a comma or
 * blank, a missing comma is forgiven, a value that may be cut off is dropped, junk is skipped.
 *
 * @example
 * ```ts
 * parseChallenges(response.headers.get('www-authenticate'));
 * // [{ scheme: 'bearer', params: { realm: 'example', error: 'invalid_token' } }]
 * ```
 */
export function parseChallenges(field: string | null): Challenge[] {
  const found: Challenge[] = [];
  if (typeof field !== 'string') return found;
  const end = field.length;
  let open: Draft | undefined;
  let place = ELEMENT;
  let at = 0;

  for (;;) {
    at = after(BLANK, field, at);
    if (at >= end) return found;
    const start = at;
    if (is(COMMA, field, at)) {
      place = ELEMENT;
      at++;
      continue;
    }
    if (place === JUNK) {
      at = afterJunk(field, at);
      continue;
    }

    const stop = after(TCHAR, field, at);
    const next = after(BLANK, field, stop);
    const named = stop > start && field.charCodeAt(next) === EQUALS;

    if (place === DATA) {
      place = LOOSE;
      at = named && field.charCodeAt(next + 1) === QUOTE ? 0 : afterToken68(field, start);
      if (at && open) {
        // Parameters that follow go to the draft, which nobody sees: a token68 has none.
        found[found.length - 1] = { scheme: open.scheme, token68: field.slice(start, at), params: NONE };
        continue;
      }
    }

    if (!named) {
      const isScheme =
        place === ELEMENT
          ? next > stop || next === end || is(COMMA, field, next)
          : field.startsWith('realm=', next);
      if (stop > start && isScheme) {
        open = { scheme: field.slice(start, stop).toLowerCase(), params: NONE };
        found.push(open);
        place = DATA;
        at = next;
      } else {
        if (place === ELEMENT) place = JUNK;
        at = afterJunk(field, start);
      }
      continue;
    }

    place = LOOSE;
    const from = after(BLANK, field, next + 1);
    let value = '';
    let whole = false;
    if (field.charCodeAt(from) === QUOTE) {
      let close = field.indexOf('"', from + 1);
      value = field.slice(from + 1, close);
      if (value.includes('\\')) {
        close = closing(field, from);
        value = field.slice(from + 1, close).replace(/\\([\s\S])/g, '$1');
      }
      if (close < 0) return found;
      at = close + 1;
      whole = at >= end || is(BLANK | COMMA, field, at) > 0 || startsParameter(field, at);
      if (!whole) at = afterJunk(field, at);
    } else {
      at = from;
      // A blank, then `name=`: the next parameter, and this one has no value.
      if (from === next + 1 || !startsParameter(field, from)) {
        while (at < end && !is(BLANK | COMMA, field, at)) at++;
        value = field.slice(from, at);
        whole = at > from && !value.includes('"');
      }
    }
    if (whole && open) {
      if (open.params === NONE) open.params = new Bare() as Params;
      store(open.params, field.slice(start, stop), value);
    }
  }
}

/** Not zero where the character is of these classes. */
function is(bits: number, text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? (CLASSES[code] as number) & bits : 0;
}

/** Behind the characters of these classes that stand here. */
function after(bits: number, text: string, start: number): number {
  let at = start;
  while (at < text.length && is(bits, text, at)) at++;
  return at;
}

/** The frequent names under their literals: this takes a third of the time. */
function store(params: Params, name: string, value: string): void {
  if (name === 'realm') params.realm = value;
  else if (name === 'error') params.error = value;
  else if (name === 'error_description') params.error_description = value;
  else params[name.toLowerCase()] = value;
}

function startsParameter(text: string, start: number): boolean {
  const stop = after(TCHAR, text, start);
  return stop > start && text.charCodeAt(after(BLANK, text, stop)) === EQUALS;
}

/** The end of the token68 that starts here; 0 where none does. `a=` is one, `a= 1` is a parameter. */
function afterToken68(text: string, start: number): number {
  const at = after(TOKEN68, text, start);
  let stop = at;
  while (text.charCodeAt(stop) === EQUALS) stop++;
  const next = after(BLANK, text, stop);
  const fits =
    next === text.length || is(COMMA, text, next)
      ? // An element follows, or nothing; where it is a parameter, `a=` is one too and has no value.
        stop - at !== 1 || !startsParameter(text, after(BLANK | COMMA, text, next))
      : // Something else: a blank must part it, and it must not make a parameter of this.
        next > stop && stop - at !== 1 && (stop > at || text.charCodeAt(next) !== EQUALS);
  return fits && at > start ? stop : 0;
}

/** The index of the DQUOTE that ends the quoted-string opened at `open`, or -1. */
function closing(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
  }
  return -1;
}

/** Behind the word at `start`. A quoted-string in it counts where one may begin, not in the middle of a token. */
function afterJunk(text: string, start: number): number {
  let at = start;
  for (; at < text.length && !is(BLANK | COMMA, text, at); at++) {
    if (text.charCodeAt(at) !== QUOTE || (at > start && text.charCodeAt(at - 1) !== EQUALS)) continue;
    at = closing(text, at);
    if (at < 0) return text.length;
  }
  return at;
}
