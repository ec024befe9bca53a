import type { Renewed } from '../../src/session/grant.js';
import { clientSecret } from './families.js';
import type { World } from './world.js';

/** What a token endpoint says instead of giving tokens. */
export function problemOf({ faults, random }: World, token: string): Renewed | Error | 'silence' | undefined {
  if (faults.providerIsDown || faults.hits('providerIsDown')) {
    const status = random.pick([503, 503, 500, 429, 408]);
    const headers: Record<string, string> = {};
    if (random.chance(0.4)) headers['Retry-After'] = random.pick(['0', '1', '20', '120', '86400']);
    return new Response(`{"error":"temporarily_unavailable","error_description":"${token}"}`, {
      status,
      headers,
    });
  }
  if (faults.hits('providerHangs')) return 'silence';
  if (faults.hits('providerIsUnreachable')) return new TypeError(`fetch failed: POST body was ${token}`);
  if (faults.hits('providerTalksGarbage')) {
    return random.pick<() => Renewed | Error>([
      () => ({ access_token: '' }),
      () => new Response(`<html>${token}`, { status: 200 }),
      () => new Error(`cannot read ${token}`),
    ])();
  }
  if (faults.hits('providerRefusesTheClient')) {
    // What a service posts is not known to its session, so it could not blot it out.
    const told = token === clientSecret ? 'who are you?' : token;
    return new Response(`{"error":"invalid_client","error_description":"${told}"}`, { status: 401 });
  }
  return undefined;
}

export function invalidGrant({ random }: World, token: string): Renewed {
  return random.chance(0.5)
    ? null
    : new Response(`{"error":"invalid_grant","error_description":"unknown ${token}"}`, {
        status: 400,
      });
}
