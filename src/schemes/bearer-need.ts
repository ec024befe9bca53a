import type { Challenge } from '../protocol/challenge.js';

/** Whether the realm is a URL: as a container registry names its token server. */
export function namesTokenServer(challenge: Challenge): boolean {
  return challenge.scheme === 'bearer' && /^https?:\/\//i.test(challenge.params['realm'] ?? '');
}

/** Realm, service and scope as one text; a scope is a set, and so are the actions of each of its members. */
export function needKey({ params }: Challenge): string {
  const members = new Set(membersOf(params['scope']).map(sorted));
  return JSON.stringify([params['realm'], params['service'], [...members].sort()]);
}

/** The resource of the first member of the scope: `type:name:actions`. */
export function resourceOf({ params }: Challenge): string | undefined {
  return /^[^:]*:(.+):[^:]*$/.exec(membersOf(params['scope'])[0] ?? '')?.[1];
}

function membersOf(scope: string | undefined): string[] {
  return scope === undefined ? [] : scope.split(' ').filter((member) => member !== '');
}

function sorted(member: string): string {
  const at = member.lastIndexOf(':') + 1;
  return member.slice(0, at) + member.slice(at).split(',').sort().join();
}
