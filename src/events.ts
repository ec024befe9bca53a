import type { AnyAuthError, RefreshUnavailableError } from './errors.js';
import type { Challenge } from './protocol/challenge.js';
import type { Reason } from './protocol/outcome.js';

/** Why nobody is signed in. */
export type SignedOutCause = 'never' | 'user' | 'elsewhere' | 'rejected' | 'expired';

/** What happens to a session; `at`, `expiresAt` and `retryAt` are milliseconds since 1970. No event holds a secret. */
export type SessionEvent =
  | { readonly type: 'signed-in'; readonly at: number; readonly here: boolean }
  | { readonly type: 'signed-out'; readonly at: number; readonly cause: SignedOutCause }
  | { readonly type: 'refreshing'; readonly at: number }
  | {
      readonly type: 'refreshed';
      readonly at: number;
      readonly expiresAt: number | undefined;
      readonly here: boolean;
    }
  | {
      readonly type: 'refresh-failed';
      readonly at: number;
      readonly reason: 'rejected' | 'unavailable' | 'lost-response' | 'misconfigured' | 'token-response';
      readonly error: AnyAuthError;
      readonly retryAt: number | undefined;
    }
  | { readonly type: 'save-failed'; readonly at: number; readonly error: RefreshUnavailableError }
  | {
      readonly type: 'store-degraded';
      readonly at: number;
      readonly reason: 'memory-only' | 'foreign-record' | 'unreadable' | 'unopened';
    };

/** What happens to a refused request, or to one whose server is in doubt; `url` is its origin and path only. No event holds a secret. */
export type RequestEvent =
  | {
      readonly type: 'challenged';
      readonly at: number;
      readonly url: string;
      readonly method: string;
      readonly challenges: readonly Challenge[];
    }
  | { readonly type: 'replayed'; readonly at: number; readonly url: string; readonly method: string }
  | {
      readonly type: 'delivered';
      readonly at: number;
      readonly url: string;
      readonly method: string;
      readonly status: number;
      readonly reason: Reason;
    }
  | {
      readonly type: 'server-not-verified';
      readonly at: number;
      readonly url: string;
      readonly method: string;
      readonly reason: 'mismatch' | 'absent' | 'unreadable';
    };

/** Every event. */
export type AuthEvent = SessionEvent | RequestEvent;
