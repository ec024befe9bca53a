import { lastSent, type Offer } from '../protocol/attempt.js';
import type { Challenge } from '../protocol/challenge.js';
import { originText } from '../protocol/path-space.js';
import type { Call } from './call.js';

/** Nothing is read of the server's challenges: an answer is looked for as if there were one. */
const UNREAD: readonly undefined[] = [undefined];

/** What the schemes could do about these challenges, in the user's order; to a 403 only a step-up (RFC 9110, section 15.5.4). */
export function offersOf(call: Call, challenges: readonly Challenge[]): Offer[] {
  const { schemes } = call.corridor;
  const { attempts, unauthorized } = call.keep();
  const offers: Offer[] = [];
  for (let index = 0; index < schemes.length; index++) {
    const scheme = schemes[index];
    const isAsked = challenges.length > 0;
    // a refusal without a challenge is addressed to who was sent
    const isAddressed = isAsked || schemes.length === 1 || (index === call.via && call.sent !== undefined);
    if (scheme?.remedy === undefined || !isAddressed) continue;
    const refused = lastSent(attempts, index);
    for (const challenge of isAsked ? challenges : UNREAD) {
      const action = scheme.remedy(challenge, refused);
      const isPossible =
        action === 'answer' ? unauthorized : scheme.replace && (unauthorized || action === 'step-up');
      if (action !== undefined && isPossible) {
        offers.push({ scheme: index, action, challenge, fallback: scheme.fallback });
      }
    }
  }
  return offers;
}

/** Whether the scheme that was sent before any challenge is one that this server takes: it did, or it asks for it now. */
export function isKnown(call: Call, challenges: readonly Challenge[]): boolean {
  const { corridor, via, url } = call;
  const scheme = corridor.schemes[via];
  return (
    corridor.worked.get(originText(url)) === via ||
    challenges.some((challenge) => scheme?.remedy?.(challenge, undefined) !== undefined)
  );
}
