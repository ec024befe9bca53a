import { lastSent, type Offer } from '../protocol/attempt.js';
import type { Challenge } from '../protocol/challenge.js';
import type { Call } from './call.js';

/** What the schemes could do about these challenges, in the user's order; to a 403 only a step-up (RFC 9110, section 15.5.4). */
export function offersOf(call: Call, challenges: readonly Challenge[]): Offer[] {
  const { schemes } = call.corridor;
  const { attempts, unauthorized } = call.keep();
  const asked = challenges.length === 0 ? [undefined] : challenges;
  return schemes.flatMap((scheme, index) => {
    // a refusal without a challenge is addressed to who was sent
    const isAddressed =
      challenges.length > 0 || schemes.length === 1 || (index === call.via && call.sent !== undefined);
    return (isAddressed ? asked : []).flatMap((challenge): Offer[] => {
      const action = scheme.remedy?.(challenge, lastSent(attempts, index));
      const isPossible =
        action === 'answer' ? unauthorized : scheme.replace && (unauthorized || action === 'step-up');
      return action !== undefined && isPossible ? [{ scheme: index, action, challenge }] : [];
    });
  });
}
