import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../src/protocol/challenge.js';
import { firstNeed, forbiddenReason, stepUpNeed } from '../../src/protocol/step-up.js';

const need = (field: string) => firstNeed(parseChallenges(field));

describe('stepUpNeed', () => {
  it('reads another scheme for nothing (RFC 6750, section 3.1)', () => {
    expect(need('Digest error="insufficient_scope", claims="x"')).toBeUndefined();
    expect(stepUpNeed(undefined)).toBeUndefined();
  });
  it('is undefined for what another token can answer', () => {
    expect(need('Bearer error="invalid_token"')).toBeUndefined();
    expect(need('Bearer claims=""')).toBeUndefined();
  });
  it('reads the scopes of insufficient_scope', () => {
    expect(need('Basic, Bearer error=insufficient_scope, scope="a  b"')).toMatchObject({
      type: 'scope',
      scope: ['a', 'b'],
    });
    expect(need('DPoP error=insufficient_scope')).toMatchObject({ type: 'scope', scope: [] });
  });
  it('keeps a scope that is asked for besides in the challenge', () => {
    const found = need('Bearer error="insufficient_user_authentication", acr_values="x", scope="pay"');
    expect(found?.challenge.params['scope']).toBe('pay');
  });
  it('reads acr_values and max_age (RFC 9470, section 3)', () => {
    const field = 'Bearer error="insufficient_user_authentication", acr_values="x y", max_age=';
    expect(need(`${field}60`)).toMatchObject({ type: 'authentication', acrValues: ['x', 'y'], maxAge: 60 });
    expect(need(`${field}"-1"`)).toMatchObject({ maxAge: undefined });
  });
  it.each([
    ['eyJhIjoiPz4ifQ==', 'base64 with padding'],
    ['eyJhIjoiPz4ifQ', 'without padding'],
    ['eyJhIjoi8J-ZguKsnyJ9', 'base64url'],
    ['eyJhIjoi8J+ZguKsnyJ9', 'base64'],
  ])('decodes claims: %s', (claims) => {
    const found = need(`Bearer error="insufficient_claims", claims="${claims}"`);
    const text = found?.type === 'claims' ? found.claims : '';
    expect(JSON.parse(text)).toEqual({ a: claims.length > 16 ? '🙂⬟' : '?>' });
  });
  it.each(['?', 'eyJ9', 'WzFd', 'bnVsbA', 'e', '%7B%7D', 'eyJ__w'])(
    'reads no claims in %s, and keeps the need',
    (claims) => {
      expect(need(`Bearer error="invalid_token", claims="${claims}"`)).toMatchObject({
        type: 'claims',
        claims: '',
      });
    },
  );
  it('tells claims from a scope', () => {
    const found = need('Bearer error="insufficient_claims", claims="eyJ9"');
    expect(found).toMatchObject({ type: 'claims', claims: '' });
    expect(found && forbiddenReason(found)).toBe('insufficient-claims');
  });
});
