/** A reader shaped like the ABNF of RFC 9110, sections 5.6.1.2 and 11: it tries every derivation. Slow, and only for what is well-formed. */
export interface Read {
  scheme: string;
  token68: string | null;
  params: [string, string][];
}

interface Derivation<T> {
  value: T;
  end: number;
}
type Rule<T> = (text: string, at: number) => Derivation<T>[];

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const quotedString = '"(?:[\\t !#-\\[\\]-~\\x80-\\xff]|\\\\[\\t -~\\x80-\\xff])*"';
const token68 = '[A-Za-z0-9._~+/-]+=*';

/** Every prefix that fits, not only the longest: nothing is greedy in ABNF. */
function every(pattern: string): Rule<string> {
  const whole = new RegExp(`^(?:${pattern})$`);
  const longest = new RegExp(`^(?:${pattern})`);
  return (text, at) => {
    const reach = longest.exec(text.slice(at))?.[0].length ?? 0;
    const found: Derivation<string>[] = [];
    for (let length = 0; length <= reach; length++) {
      const value = text.slice(at, at + length);
      if (whole.test(value)) found.push({ value, end: at + length });
    }
    return found;
  };
}

const ows = every('[ \\t]*');
const space = every(' +');
const comma = every(',');
const equals = every('=');

function sequence<T>(rules: readonly Rule<unknown>[], build: (values: never) => T): Rule<T> {
  return (text, at) => {
    let partial: Derivation<unknown[]>[] = [{ value: [], end: at }];
    for (const rule of rules) {
      partial = distinct(
        partial.flatMap(({ value, end }) =>
          rule(text, end).map((next) => ({ value: [...value, next.value], end: next.end })),
        ),
      );
    }
    return partial.map(({ value, end }) => ({ value: build(value as never), end }));
  };
}

/** `#element` as a recipient reads it: `[ element ] *( OWS "," OWS [ element ] )`. */
function list<T>(element: Rule<T>): Rule<T[]> {
  return (text, at) => {
    const done: Derivation<T[]>[] = [];
    let open = distinct<T[]>([{ value: [], end: at }, ...element(text, at).map(one)]);
    while (open.length > 0) {
      done.push(...open);
      open = distinct(
        open.flatMap(({ value, end }) =>
          gap(text, end).flatMap((after) => [
            { value, end: after.end },
            ...element(text, after.end).map((next) => ({ value: [...value, next.value], end: next.end })),
          ]),
        ),
      );
    }
    return distinct(done);
  };
}

const one = <T>({ value, end }: Derivation<T>): Derivation<T[]> => ({ value: [value], end });
const gap = sequence([ows, comma, ows], () => undefined);

const authParam = sequence(
  [every(token), ows, equals, ows, every(`${token}|${quotedString}`)],
  ([name, , , , raw]: string[]): [string, string] => [
    (name as string).toLowerCase(),
    unquoted(raw as string),
  ],
);

const challenge: Rule<Read> = (text, at) => [
  ...sequence([every(token)], ([scheme]: [string]) => read(scheme, null, []))(text, at),
  ...sequence([every(token), space, every(token68)], ([scheme, , data]: [string, string, string]) =>
    read(scheme, data, []),
  )(text, at),
  ...sequence(
    [every(token), space, list(authParam)],
    ([scheme, , params]: [string, string, Read['params']]) => read(scheme, null, params),
  )(text, at),
];

const challenges = list(challenge);

function read(scheme: string, data: string | null, params: Read['params']): Read {
  return { scheme: scheme.toLowerCase(), token68: data, params };
}

function unquoted(raw: string): string {
  return raw.startsWith('"') ? raw.slice(1, -1).replace(/\\(.)/g, '$1') : raw;
}

function distinct<T>(derivations: Derivation<T>[]): Derivation<T>[] {
  return [...new Map(derivations.map((each) => [JSON.stringify(each), each])).values()];
}

/** All readings of the field: none where the grammar rejects it, several where it is ambiguous. */
export function readings(field: string): Read[][] {
  const text = field.replace(/^[ \t]+|[ \t]+$/g, '');
  return distinct(challenges(text, 0).filter(({ end }) => end === text.length)).map(({ value }) => value);
}
