import type { Minted } from '../protocol/record.js';
import { type Classified, classify, classifyError } from './classify.js';

/** What a grant's result means to a session, whether or not scripts can read its tokens. */
export type Judged =
  | Exclude<Classified, { type: 'tokens' }>
  | { readonly type: 'minted'; readonly minted: Minted };

/** For sessions that hold their tokens. */
export async function judge(renewed: unknown, now: number, secrets?: readonly string[]): Promise<Judged> {
  return judgedFrom(await classify(renewed, now, secrets));
}

/** What a function of the user's threw. */
export async function judgeError(error: unknown, now: number, secrets?: readonly string[]): Promise<Judged> {
  return judgedFrom(await classifyError(error, now, secrets));
}

function judgedFrom(classified: Classified): Judged {
  if (classified.type !== 'tokens') return classified;
  const { tokens } = classified;
  return { type: 'minted', minted: { tokens, expiresAt: tokens.expiresAt } };
}
