import { BLANK, CLASSES, COMMA, TCHAR, TOKEN68, UPPER } from './syntax.js';

/** One challenge: a server asks for credentials of this auth-scheme (RFC 9110, section 11.3). */
export interface Challenge {
  /** The auth-scheme in lower case: it is matched case-insensitively. */
  readonly scheme: string;
  readonly token68?: string | undefined;
  /** The auth-params: names in lower case, values un-escaped, of a repeated name the last. */
  readonly params: Readonly<Record<string, string>>;
}

interface Draft extends Challenge {
  params: Record<string, string>;
}

/** Nothing is inherited, so `__proto__` and `constructor` are names like others; and unlike a null prototype it is fast. */
const Params: { new (): Record<string, string> } = /* @__PURE__ */ (() => {
  function Params() {}
  Params.prototype = Object.create(null);
  return Params as unknown as { new (): Record<string, string> };
})();

const NONE: Record<string, string> = /* @__PURE__ */ Object.freeze(new Params());

const QUOTE = 34;
const EQUALS = 61;

/** Where the reader stands: what may begin here. */
const ELEMENT = 0; // after a comma: a challenge, or a parameter
const DATA = 1; // after scheme and blank: a token68, or a parameter
const LOOSE = 2; // after a blank, the comma is missing: a parameter
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
  let backslash = -1;
  let at = 0;

  for (;;) {
    for (let bits = 0; at < end && (bits = classAt(field, at)) & (BLANK | COMMA); at++) {
      if (bits === COMMA) place = ELEMENT;
    }
    if (at >= end) return found;
    if (place === JUNK) {
      at = afterJunk(field, at);
      continue;
    }

    const start = at;
    let seen = 0;
    for (let bits = 0; at < end && (bits = classAt(field, at)) & TCHAR; at++) seen |= bits;
    const next = afterBlanks(field, at);
    const named = at > start && field.charCodeAt(next) === EQUALS;

    if (place === DATA) {
      const stop = token68End(field, start);
      if (stop > start) {
        // The scheme stands last; parameters that follow a token68 are nobody's.
        found[found.length - 1] = { scheme: open!.scheme, token68: field.slice(start, stop), params: NONE };
        open = undefined;
        place = LOOSE;
        at = stop;
        continue;
      }
      place = LOOSE;
    }

    if (!named) {
      if (place === ELEMENT && at > start && (next > at || next === end || classAt(field, next) === COMMA)) {
        open = { scheme: name(field, start, at, seen), params: NONE };
        found.push(open);
        place = DATA;
        at = next;
      } else {
        if (place === ELEMENT) place = JUNK;
        at = afterJunk(field, start);
      }
      continue;
    }

    const nameEnd = at;
    const from = afterBlanks(field, next + 1);
    let value: string | undefined;
    place = LOOSE;
    if (field.charCodeAt(from) === QUOTE) {
      let close = field.indexOf('"', from + 1);
      if (backslash < from) {
        backslash = field.indexOf('\\', from);
        if (backslash < 0) backslash = end;
      }
      const escaped = backslash < close;
      if (escaped) close = closing(field, from);
      if (close < 0) return found;
      at = close + 1;
      if (at >= end || classAt(field, at) & (BLANK | COMMA) || startsParameter(field, at)) {
        value = field.slice(from + 1, close);
        if (escaped) value = value.replace(/\\([\s\S])/g, '$1');
      } else {
        at = afterJunk(field, at);
      }
    } else if (from > next + 1 && startsParameter(field, from)) {
      at = from;
    } else {
      at = from;
      while (at < end && !(classAt(field, at) & (BLANK | COMMA))) at++;
      if (at > from) value = field.slice(from, at);
      if (value?.includes('"')) value = undefined;
    }
    if (value !== undefined && open !== undefined) {
      if (open.params === NONE) open.params = new Params();
      open.params[name(field, start, nameEnd, seen)] = value;
    }
  }
}

function classAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? CLASSES[code]! : 0;
}

function name(text: string, start: number, end: number, seen: number): string {
  const slice = text.slice(start, end);
  return seen & UPPER ? slice.toLowerCase() : slice;
}

function afterBlanks(text: string, at: number): number {
  while (at < text.length && classAt(text, at) === BLANK) at++;
  return at;
}

function startsParameter(text: string, start: number): boolean {
  let at = start;
  while (at < text.length && classAt(text, at) & TCHAR) at++;
  return at > start && text.charCodeAt(afterBlanks(text, at)) === EQUALS;
}

/** The end of the token68 that starts here; -1 where none does. `a=` is one, `a= 1` is a parameter. */
function token68End(text: string, start: number): number {
  let at = start;
  while (at < text.length && classAt(text, at) & TOKEN68) at++;
  if (at === start) return -1;
  let stop = at;
  while (text.charCodeAt(stop) === EQUALS) stop++;
  const next = afterBlanks(text, stop);
  if (next === text.length || classAt(text, next) === COMMA) return stop;
  // Something follows: a blank must part it, and it must not make a parameter of this.
  return next > stop && stop - at !== 1 && (stop > at || text.charCodeAt(next) !== EQUALS) ? stop : -1;
}

/** The index of the DQUOTE that ends the quoted-string opened at `open`, or -1. */
function closing(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === 92) at++;
  }
  return -1;
}

/** Behind the word at `start`. A quoted-string in it counts where one may begin, not in the middle of a token. */
function afterJunk(text: string, start: number): number {
  let at = start;
  for (; at < text.length && !(classAt(text, at) & (BLANK | COMMA)); at++) {
    if (text.charCodeAt(at) !== QUOTE || (at > start && text.charCodeAt(at - 1) !== EQUALS)) continue;
    at = closing(text, at);
    if (at < 0) return text.length;
  }
  return at;
}
