import { describe, expect, it } from 'vitest';
import { type Challenge, parseChallenges } from '../../src/protocol/challenge.js';

const read = (field: string) => parseChallenges(field).map(({ params, ...rest }) => ({ ...rest, ...params }));
const KIB64 = 65_536;

describe('parseChallenges, recovering what a broken field still says', () => {
  it.each([
    [
      'an unquoted value runs to the next comma or blank, odd characters kept',
      'Bearer resource_metadata=https://mcp.example.com/a?b=c;d, error=invalid_token',
      [
        {
          scheme: 'bearer',
          resource_metadata: 'https://mcp.example.com/a?b=c;d',
          error: 'invalid_token',
        },
      ],
    ],
    [
      'a blank and then a name with "=" starts the next parameter',
      'Bearer authorization_uri=https://login.example.com/t/oauth2/authorize resource_id=https://storage.example.com',
      [
        {
          scheme: 'bearer',
          authorization_uri: 'https://login.example.com/t/oauth2/authorize',
          resource_id: 'https://storage.example.com',
        },
      ],
    ],
    [
      'words after an unquoted value are skipped up to the next parameter',
      'Bearer error_description=The token expired error=invalid_token',
      [{ scheme: 'bearer', error_description: 'The', error: 'invalid_token' }],
    ],
    [
      'a missing comma is forgiven, with a blank and without',
      'Digest realm="a" nonce="b"opaque="c"',
      [{ scheme: 'digest', realm: 'a', nonce: 'b', opaque: 'c' }],
    ],
    [
      'an unterminated quoted-string drops its parameter and keeps those before it',
      'Digest realm="a", nonce=b, opaque="cut',
      [{ scheme: 'digest', realm: 'a', nonce: 'b' }],
    ],
    [
      'a backslash at the very end terminates nothing',
      'Basic charset="UTF-8", realm="a\\',
      [{ scheme: 'basic', charset: 'UTF-8' }],
    ],
    [
      'a quote inside an unquoted value drops the parameter',
      'Basic realm=my"realm, charset=UTF-8',
      [{ scheme: 'basic', charset: 'UTF-8' }],
    ],
    [
      'a quoted-string that goes on after its quote drops the parameter',
      'Digest title="Log in to "apps" now", realm="x"',
      [{ scheme: 'digest', realm: 'x' }],
    ],
    [
      'a dropped value does not bring back an earlier one of the same name, nor remove it',
      'Basic realm="whole", realm="cut',
      [{ scheme: 'basic', realm: 'whole' }],
    ],
    [
      'a name with nothing after "=" is no parameter',
      'Digest realm="x", qop=, nonce= , opaque= stale=true',
      [{ scheme: 'digest', realm: 'x', stale: 'true' }],
    ],
    [
      'of a repeated name the last wins, whatever its case',
      'Basic realm=a, REALM=b',
      [{ scheme: 'basic', realm: 'b' }],
    ],
    [
      'a junk element is skipped whole, quoted commas and parameters in it included',
      'Basic realm="x", ?? a=b "c, Digest realm=d", Bearer',
      [{ scheme: 'basic', realm: 'x' }, { scheme: 'bearer' }],
    ],
    [
      'a quoted-string in a junk element starts no challenge',
      'Basic realm="x", @a="b, Digest realm=d", Bearer',
      [{ scheme: 'basic', realm: 'x' }, { scheme: 'bearer' }],
    ],
    ['junk after the scheme leaves the scheme', 'Odd ???, Bearer', [{ scheme: 'odd' }, { scheme: 'bearer' }]],
    [
      'a parameter with no challenge of its own belongs to the one before it',
      'Basic, realm="x"',
      [{ scheme: 'basic', realm: 'x' }],
    ],
    ['a parameter before every challenge is nobody’s', 'realm="x", Basic', [{ scheme: 'basic' }]],
    [
      'a parameter after a token68 is nobody’s',
      'Basic realm=a, Negotiate abc==, realm=b, Bearer realm=c',
      [
        { scheme: 'basic', realm: 'a' },
        { scheme: 'negotiate', token68: 'abc==' },
        { scheme: 'bearer', realm: 'c' },
      ],
    ],
    [
      'what stands behind a token68 without a comma is skipped',
      'Negotiate abc def ghi, Bearer',
      [{ scheme: 'negotiate', token68: 'abc' }, { scheme: 'bearer' }],
    ],
    ['a fold in the line counts as a blank', 'Basic\r\n realm="x"', [{ scheme: 'basic', realm: 'x' }]],
    ['a tab may stand after the scheme', 'Basic\trealm="x"', [{ scheme: 'basic', realm: 'x' }]],
  ])('%s', (_rule, field, expected) => {
    expect(read(field)).toEqual(expected);
  });
});

describe('parseChallenges, by RFC 9110 section 11', () => {
  it('matches the auth-scheme case-insensitively (1.1)', () => {
    expect(read('bEaReR, DIGEST')).toEqual([{ scheme: 'bearer' }, { scheme: 'digest' }]);
  });

  it('matches parameter names case-insensitively and keeps the case of values (1.2)', () => {
    expect(read('Basic ReAlM="Foo", CharSet=UTF-8')).toEqual([
      { scheme: 'basic', realm: 'Foo', charset: 'UTF-8' },
    ]);
  });

  it('accepts token and quoted-string for every parameter, realm included (1.3)', () => {
    expect(read('Basic realm=foo, charset="UTF-8"')).toEqual([
      { scheme: 'basic', realm: 'foo', charset: 'UTF-8' },
    ]);
  });

  it('un-escapes quoted pairs, and never inside a bare token (1.4)', () => {
    expect(read('A a="\\"x\\\\\\y\\"", b=\\c')).toEqual([{ scheme: 'a', a: '"x\\y"', b: '\\c' }]);
  });

  it('accepts blanks around "=" and around commas (1.5)', () => {
    expect(read('Basic realm \t=\t "x" ,\ta=b')).toEqual([{ scheme: 'basic', realm: 'x', a: 'b' }]);
  });

  it('accepts several blanks between a scheme and its data (1.6)', () => {
    expect(read('Basic   realm="x"')).toEqual([{ scheme: 'basic', realm: 'x' }]);
    expect(read('Negotiate   abc=')).toEqual([{ scheme: 'negotiate', token68: 'abc=' }]);
  });

  it('ignores empty list elements anywhere (1.7)', () => {
    expect(read(',,Basic ,,realm="x",, ,a=b,,Bearer,,')).toEqual([
      { scheme: 'basic', realm: 'x', a: 'b' },
      { scheme: 'bearer' },
    ]);
  });

  it('understands token68 with its padding, and what only looks like it (1.8)', () => {
    expect(read('Negotiate a/b+c==')).toEqual([{ scheme: 'negotiate', token68: 'a/b+c==' }]);
    expect(read('Bearer error=')).toEqual([{ scheme: 'bearer', token68: 'error=' }]);
    expect(read('Bearer a= 1')).toEqual([{ scheme: 'bearer', a: '1' }]);
    expect(read('Bearer a = 1')).toEqual([{ scheme: 'bearer', a: '1' }]);
    expect(read('Bearer a=1')).toEqual([{ scheme: 'bearer', a: '1' }]);
  });

  it('understands several challenges in a line, in several lines, and joined (1.9)', () => {
    const lines = ['Basic realm="a"', 'Digest realm="b", nonce="c"', 'Negotiate'];
    const expected = [
      { scheme: 'basic', realm: 'a' },
      { scheme: 'digest', realm: 'b', nonce: 'c' },
      { scheme: 'negotiate' },
    ];
    const headers = new Headers();
    for (const line of lines) headers.append('WWW-Authenticate', line);
    expect(lines.flatMap(read)).toEqual(expected);
    expect(read(lines.join(','))).toEqual(expected);
    expect(read(headers.get('www-authenticate') as string)).toEqual(expected);
  });

  it('lets no comma, "=" or scheme inside a quoted-string end or start anything (1.10)', () => {
    expect(read('Basic realm="a, Digest realm=b, \\", Bearer"')).toEqual([
      { scheme: 'basic', realm: 'a, Digest realm=b, ", Bearer' },
    ]);
  });

  it('takes no parameter named like a scheme for a challenge (1.11)', () => {
    expect(read('Newauth basic=foo, Bearer="x", Basic realm="y"')).toEqual([
      { scheme: 'newauth', basic: 'foo', bearer: 'x' },
      { scheme: 'basic', realm: 'y' },
    ]);
  });

  it('keeps two challenges of the same scheme apart (1.12)', () => {
    expect(read('Digest realm=a, algorithm=SHA-256, Digest realm=a, algorithm=MD5')).toEqual([
      { scheme: 'digest', realm: 'a', algorithm: 'SHA-256' },
      { scheme: 'digest', realm: 'a', algorithm: 'MD5' },
    ]);
  });

  it('chooses the last of a repeated parameter (1.13)', () => {
    expect(read('Bearer error="a", error="b"')).toEqual([{ scheme: 'bearer', error: 'b' }]);
  });

  it('finds a known scheme behind unknown ones (1.14)', () => {
    expect(read('X-Odd a=b, Other abc==, Third, Basic realm=x').at(-1)).toEqual({
      scheme: 'basic',
      realm: 'x',
    });
  });

  it('finds no challenge in an empty or missing field (1.15)', () => {
    for (const field of [null, undefined, '', ' ', ',', ' ,\t, ', 7, {}, [], true]) {
      expect(parseChallenges(field as string)).toEqual([]);
    }
  });

  it.each<[string, string, number]>([
    ['commas', ','.repeat(KIB64), 0],
    ['blanks', ' '.repeat(KIB64), 0],
    ['a scheme and blanks', `a${' '.repeat(KIB64)}`, 1],
    ['names without values', 'a='.repeat(KIB64 / 2), 0],
    ['schemes', 'a,'.repeat(KIB64 / 2), KIB64 / 2],
    ['a long realm', `Basic realm="${'x'.repeat(KIB64)}"`, 1],
    ['an endless realm', `Basic realm="${'x'.repeat(KIB64)}`, 1],
    ['backslashes', `Basic realm="${'\\'.repeat(KIB64)}`, 1],
    ['escaped quotes', `Basic realm="${'\\"'.repeat(KIB64 / 2)}"`, 1],
    ['quotes', `Basic ${'"'.repeat(KIB64)}`, 1],
    ['opened values', `Basic ${'a="'.repeat(KIB64 / 3)}`, 1],
    ['equals signs', `Basic a${'='.repeat(KIB64)}x`, 1],
    ['words', `Basic${' a'.repeat(KIB64 / 2)}`, 1],
    ['names and blanks', `Basic ${'a = '.repeat(KIB64 / 4)}`, 1],
    ['characters outside ASCII', 'é€'.repeat(KIB64 / 2), 0],
    ['distinct names', `Basic ${Array.from({ length: 8000 }, (_, i) => `p${i}=1`).join()}`, 1],
    ['names that are numbers', `Basic ${Array.from({ length: 8000 }, (_, i) => `${i * 7919}=1`).join()}`, 1],
  ])('comes to an end on 64 KiB of %s (1.16)', (_name, field, count) => {
    expect(parseChallenges(field).length).toBe(count);
  });

  it('reads unquoted URLs and parameters that blanks separate (19.6)', () => {
    const field =
      'Bearer authorization_uri=https://login.example.com/t/oauth2/authorize resource_id=https://storage.example.com';
    expect(parseChallenges(field)).toEqual([
      {
        scheme: 'bearer',
        params: {
          authorization_uri: 'https://login.example.com/t/oauth2/authorize',
          resource_id: 'https://storage.example.com',
        },
      },
    ]);
  });
  it('is immune to names that objects inherit (1.17)', () => {
    const [challenge] = parseChallenges(
      'A __proto__=x, constructor=y, hasOwnProperty=z, __defineGetter__="w"',
    );
    expect(Object.entries(challenge?.params ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['hasownproperty', 'z'],
      ['__definegetter__', 'w'],
    ]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    const [bare, other] = parseChallenges('A, B b=c') as [Challenge, Challenge];
    for (const name of ['__proto__', 'constructor', 'toString', 'valueOf']) {
      expect(bare.params[name]).toBeUndefined();
      expect(other.params[name]).toBeUndefined();
      expect(name in other.params).toBe(false);
    }
  });

  it('lets nobody write to the parameters that challenges without any share', () => {
    const [bare] = parseChallenges('A');
    expect(() => Object.assign(bare?.params as object, { realm: 'evil' })).toThrow(TypeError);
    expect(parseChallenges('B')[0]?.params['realm']).toBeUndefined();
  });

  it('keeps all challenges in the order of the server, so that the most secure can be picked (1.18)', () => {
    expect(read('Basic realm=a, Digest realm=a, Bearer').map(({ scheme }) => scheme)).toEqual([
      'basic',
      'digest',
      'bearer',
    ]);
  });

  it('returns a list of the caller’s own each time', () => {
    const first = parseChallenges('Basic realm=a');
    first.pop();
    expect(parseChallenges('Basic realm=a')).toHaveLength(1);
  });
});
