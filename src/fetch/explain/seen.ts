import type { Challenge } from '../../protocol/challenge.js';
import { httpDate } from '../../protocol/http-date.js';
import { isObject } from '../../protocol/objects.js';
import type { Outcome } from '../../protocol/outcome.js';
import { readChallenges } from '../../protocol/read-challenges.js';
import { factsBy } from '../facts.js';
import { outcomeOf } from '../outcome.js';
import { shown } from './shown.js';
import { type Told, type Try, toldBy } from './told.js';

/** What can be known of a refusal: by the response itself, and by what latchkey remembers of it. */
export interface Seen {
  readonly status: number;
  /** Origin and path; '' where the response does not say. */
  readonly where: string;
  readonly challenges: readonly Challenge[];
  readonly outcome: Outcome | undefined;
  readonly facts: Told | undefined;
  /** What was sent last. */
  readonly last: Try | undefined;
  /** By how much the server's clock is ahead of the one here, in milliseconds. */
  readonly aheadMs: number | undefined;
  /** Read across origins in a page: the browser hides what the server does not expose. */
  readonly isCors: boolean;
  /** The page may see nothing of it. */
  readonly isOpaque: boolean;
  /** What names itself on the way. */
  readonly servers: string;
}

type Fields = Pick<Response, 'status' | 'headers' | 'url' | 'type'>;

/** By shape: another realm's or another library's response is one too. */
export function isResponse(value: unknown): value is Fields {
  const { status, headers } = Object(value) as Partial<Fields>;
  return typeof status === 'number' && typeof headers?.get === 'function';
}

/** `about`: the error that carries the response, and perhaps the outcome. */
export function seenOf(response: Fields, about?: unknown): Seen {
  const outcome = outcomeOf(response as Response) ?? outcomeIn(about);
  const known = outcome && factsBy(outcome.challenges);
  const facts = known && toldBy(known);
  const field = (name: string) => response.headers.get(name);
  const servers = ['server', 'via'].flatMap((name) => {
    const text = shown(field(name));
    return text === '' ? [] : [`${name === 'via' ? 'Via' : 'Server'} "${text}"`];
  });
  return {
    status: response.status,
    where: shown(String(response.url ?? '').replace(/[?#].*/s, '')),
    challenges: outcome?.challenges ?? readChallenges(field('www-authenticate')),
    outcome,
    facts,
    last: facts?.tries.filter(({ sent }) => sent).at(-1),
    aheadMs: aheadMs(field('date'), field('age'), facts?.at ?? Date.now()),
    isCors: response.type === 'cors',
    isOpaque: response.status === 0,
    servers: servers.join(', '),
  };
}

/** Another copy of the package remembers for itself; its errors say what was done all the same. */
function outcomeIn(about: unknown): Outcome | undefined {
  const outcome = Object(about) as Outcome;
  const isWhole =
    /^[a-z]+(?:-[a-z]+)+$|^redirected$/.test(String(outcome.reason)) &&
    Array.isArray(outcome.challenges) &&
    outcome.challenges.every(
      (one: unknown) => isObject(one) && typeof one['scheme'] === 'string' && isObject(one['params']),
    );
  return isWhole ? outcome : undefined;
}

/** RFC 9110, section 6.6.1; what came from a cache is older by its Age (RFC 9111, section 5.1). */
function aheadMs(date: string | null, age: string | null, now: number): number | undefined {
  const at = httpDate(date?.trim() ?? '');
  if (at === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(age ?? '') ? Number(age) : 0;
  return at + seconds * 1_000 - now;
}
