import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../../src/protocol/challenge.js';
import { ALGORITHMS } from '../../../src/schemes/digest/algorithm.js';
import { isProof } from '../../../src/schemes/digest/authentication-info.js';
import { digest } from '../../../src/schemes/digest/digest.js';
import { Person } from '../../../src/schemes/digest/person.js';
import { Sent } from '../../../src/schemes/digest/sent.js';
import { Space } from '../../../src/schemes/digest/space.js';
import { type Qop, readTerms } from '../../../src/schemes/digest/terms.js';
import { fieldOf, paramsOf, targetOf } from './support.js';

interface Vector {
  readonly id: string;
  readonly kind: 'response' | 'known-wrong' | 'refuse' | 'state';
  readonly challenge: string;
  readonly request: { method: string; uri: string; body?: string; bodyBase64?: string };
  readonly credentials: { username: string; password: string };
  readonly qop: Qop | null;
  readonly nc: string | null;
  readonly cnonce: string | null;
  readonly expect: Record<string, string>;
  readonly authorization: Record<string, string>;
}

const vectors = ['digest', 'more-digest'].flatMap(
  (name) =>
    JSON.parse(readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), 'utf8')) as Vector[],
);
const of = (kind: Vector['kind']) =>
  vectors.filter((vector) => vector.kind === kind).map((vector) => [vector.id, vector] as const);
const termsOf = ({ challenge }: Vector) => readTerms(parseChallenges(challenge)[0], ALGORITHMS);
const bodyOf = ({ request: { body, bodyBase64 } }: Vector) =>
  bodyBase64 === undefined ? Buffer.from(body ?? '') : Buffer.from(bodyBase64, 'base64');

/** What must appear; what the challenge did not name is not sent back, though one library does. */
function paramsIn({ challenge, authorization }: Vector): Record<string, string> {
  const { algorithm, ...rest } = authorization;
  return algorithm === undefined || paramsOf(challenge)['algorithm'] === undefined
    ? rest
    : { ...rest, algorithm };
}

/** One sending with the nonce count of the vector, whatever it is. */
function sentOf(vector: Vector, userhash?: boolean) {
  const read = termsOf(vector);
  if (read === undefined) throw new Error(`${vector.id} is not answerable`);
  const terms = userhash === undefined ? read : { ...read, userhash };
  const person = new Person(vector.credentials);
  const space = new Space('https://h.example', terms.realm, person);
  const nonce = space.nonces.challenged(terms.nonce);
  nonce.count = Number.parseInt(vector.nc ?? '1', 16) - 1;
  return new Sent({
    space,
    person,
    lane: { terms, nonce },
    place: { origin: 'https://h.example', target: vector.request.uri },
    qop: vector.qop ?? undefined,
    round: 1,
    cnonce: () => vector.cnonce ?? '',
  });
}

describe('digest: public vectors', () => {
  it.each(of('response').filter(([id]) => id !== 'rb-sha1'))('responds as published: %s', (_id, vector) => {
    const sent = sentOf(vector, vector.authorization['userhash'] === 'true');
    const bodyHash = sent.lane.terms.hash(new Uint8Array(bodyOf(vector)));
    const field = sent.authorization(vector.request.method, bodyHash);
    expect(paramsOf(field)).toEqual(paramsIn(vector));
    expect(paramsOf(field)['response']).toBe(vector.expect['response']);
    if (vector.expect['userhash']) expect(paramsOf(field)['username']).toBe(vector.expect['userhash']);
    const { rspauth } = vector.expect;
    if (rspauth) {
      expect(isProof({ rspauth }, sent, bodyHash)).toBe(true);
      expect(
        isProof({ rspauth: rspauth.replace(/^./, (c) => (c === '0' ? '1' : '0')) }, sent, bodyHash),
      ).toBe(false);
    }
  });

  it.each(
    of('response').filter(
      ([id, { nc, request, authorization }]) =>
        id !== 'rb-sha1' &&
        (nc ?? '00000001') === '00000001' &&
        request.uri.startsWith('/') &&
        !('username*' in authorization),
    ),
  )('answers a request so, as a scheme: %s', async (_id, vector) => {
    const scheme = digest(vector.credentials, { cnonce: () => vector.cnonce ?? '' });
    const [challenge] = parseChallenges(vector.challenge);
    const { uri, method } = vector.request;
    const bytes = bodyOf(vector);
    const isCovered = vector.qop === 'auth-int' && bytes.length > 0;
    const body = isCovered ? async () => new Uint8Array(bytes) : vector.qop === 'auth' ? 'stream' : 'none';
    expect(scheme.remedy?.(challenge, undefined)).toBe('answer');
    const written = await scheme.credentials(targetOf(uri, body, method), challenge);
    expect(paramsOf(fieldOf(written))).toEqual(paramsIn(vector));
  });

  it.each(of('known-wrong'))('keeps to the RFC where a library does not: %s', (_id, vector) => {
    const sent = sentOf({ ...vector, qop: null });
    const params = paramsOf(sent.authorization(vector.request.method, undefined));
    expect(params['response']).toBe(vector.expect['response']);
    expect(params['response']).not.toBe(vector.expect['wrongResponse']);
    expect(params['username']).toBe(vector.expect['userhash'] ?? vector.credentials.username);
  });

  it.each([...of('refuse'), ...of('response').filter(([id]) => id === 'rb-sha1')])(
    'does not answer: %s',
    async (id, vector) => {
      const scheme = digest({ username: 'u', password: 'p' });
      const [challenge] = parseChallenges(vector.challenge);
      if (id === 'refuse-authint-stream') {
        expect(await scheme.credentials(targetOf('/', 'stream', 'POST'), challenge)).toBeUndefined();
      } else {
        expect(scheme.remedy?.(challenge, undefined)).toBeUndefined();
        expect(termsOf(vector)).toBeUndefined();
      }
    },
  );

  it('are all run: of 86 every one is in a test', () => {
    expect(vectors.map(({ kind }) => kind).filter((kind) => kind === 'state')).toHaveLength(3);
    expect(vectors).toHaveLength(86);
  });
});
