import type { Challenge } from './challenge.js';

/** What a challenge asks beyond a fresh token (RFC 6750, section 3.1; RFC 9470, section 3; claims challenges). */
export type StepUpNeed =
  | { readonly type: 'scope'; readonly scope: readonly string[]; readonly challenge: Challenge }
  | {
      readonly type: 'authentication';
      readonly acrValues?: readonly string[] | undefined;
      readonly maxAge?: number | undefined;
      readonly challenge: Challenge;
    }
  | { readonly type: 'claims'; readonly claims: string; readonly challenge: Challenge };
