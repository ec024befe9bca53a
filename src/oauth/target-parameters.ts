import { misuse } from './misuse.js';
import type { ProviderOptions } from './options.js';

const own = /^(?:grant_type|client_.*|refresh_token|scope|resource|audience)$/;

/** What every token request says of the tokens it wants, checked once; empty ones are left out (RFC 6749, section 3.2). */
export function targetParameters(
  options: Pick<ProviderOptions, 'resource' | 'audience' | 'parameters'>,
): Readonly<Record<string, string>> {
  const { resource, audience, parameters = {} } = options;
  const wanted: Record<string, string> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (own.test(name)) misuse('parameters', `must not hold "${name}": it has its own place`);
    if (typeof value !== 'string') misuse('parameters', `must hold strings, which "${name}" is not`);
    if (value) wanted[name] = value;
  }
  if (resource) {
    if (!/^[a-z][a-z\d+.-]*:[!-~]+$/i.test(resource) || resource.includes('#')) {
      misuse('resource', 'must be an absolute URI without a fragment (RFC 8707, section 2)');
    }
    wanted['resource'] = resource;
  }
  if (audience) wanted['audience'] = audience;
  return wanted;
}
