import { lastSent, type Offer } from '../protocol/attempt.js';
import type { Challenge } from '../protocol/challenge.js';
import type { Call } from './call.js';

/** What the schemes could do about these challenges, in the user's order; to a 403 only a step-up (RFC 9110, section 15.5.4). */
export function offersOf(call: Call, challenges: readonly Challenge[]): Offer[] {
  const { schemes } = call.corridor;
  const { attempts, unauthorized } = call.keep();
  const offers: Offer[] = [];
  for (let i = 0; i < schemes.length; i++) {
    const scheme = schemes[i];
    if (scheme?.remedy === undefined) continue;
    const refused = lastSent(attempts, i);
    // a refusal without a challenge is addressed to who was sent
    if (challenges.length === 0 && schemes.length > 1 && !(i === call.via && call.sent !== undefined))
      continue;
    for (const challenge of challenges.length === 0 ? [undefined] : challenges) {
      const action = scheme.remedy(challenge, refused);
      if (action === undefined || (!unauthorized && action !== 'step-up')) continue;
      if (action !== 'answer' && scheme.replace === undefined) continue;
      offers.push({ scheme: i, action, challenge });
    }
  }
  return offers;
}
