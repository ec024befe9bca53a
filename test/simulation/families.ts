import type { Turn } from './turns.js';
import { secretMark } from './world.js';

/** One sign-in at the provider. */
export interface Family {
  readonly number: number;
  readonly user: string;
  /** The last refresh token that was given. */
  current: string;
  dead?: 'reuse' | 'revoked' | 'ended by the provider';
}

/** A refresh token on its way to the provider. */
export interface Post {
  readonly context: number;
  readonly turn: Turn | undefined;
  readonly begunAt: number;
  /** When its turn's last load had read the record by then, and the refresh token that stood there. */
  readonly readAt: number;
  readonly read: string | undefined;
  /** A step-up posts it, which keeps its turn for five seconds. */
  readonly stepsUp: boolean;
  /** It, or its answer, was made to be slow. */
  readonly isSlow: boolean;
  /** What was made of the answer. */
  lost?: boolean;
}

/** What became of a refresh token after it was spent. */
export interface Spent {
  readonly by: number;
  readonly at: number;
  readonly successor: string;
  readonly access: string;
  readonly post: Post;
  /** The answer reached the function that asked. */
  delivered: boolean;
  /** A step-up that posts it is slower than its turn is kept. */
  slow?: boolean;
}

/** Refresh tokens of which each has replaced the one before; a user who is asked again begins another. */
export interface Line {
  current: string;
  more: boolean;
}

export interface Access {
  readonly token: string;
  readonly family: Family;
  /** The context whose refresh minted it; undefined: a sign-in. */
  readonly by: number | undefined;
  /** It came with this refresh token; undefined: with none. */
  readonly refresh: string | undefined;
  readonly target: string | undefined;
  /** It can do what a step-up is for. */
  readonly more: boolean;
  readonly expiresAt: number;
}

/** What a service posts. */
export const clientSecret = `client-${secretMark}`;

/** The clock of a step-up: what failed before holds it back no more than it would a user. */
export const noCooldown = Number.POSITIVE_INFINITY;
