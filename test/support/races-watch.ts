import { vi } from 'vitest';

/** Lets everything run that waits for no timer. */
export async function idle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

/** How a promise stands; watched, so that its rejection is nobody's accident. */
export function stateOf<T>(promise: Promise<T> | T): {
  is: 'pending' | 'resolved' | 'rejected';
  value?: T;
  error?: unknown;
} {
  const state: ReturnType<typeof stateOf<T>> = { is: 'pending' };
  Promise.resolve(promise).then(
    (value) => {
      state.is = 'resolved';
      state.value = value;
    },
    (error) => {
      state.is = 'rejected';
      state.error = error;
    },
  );
  return state;
}

/** Tokens in the shape of a token endpoint, numbered. */
export function tokensOf(user: string, n: number, expiresIn?: number) {
  return {
    access_token: `${user}-at-${n}`,
    refresh_token: `${user}-rt-${n}`,
    ...(expiresIn === undefined ? {} : { expires_in: expiresIn }),
  };
}

/** A refresh that rotates: counts its calls, which end at once. */
export function rotation(user = 'anna', expiresIn?: number) {
  let n = 1;
  return vi.fn(async (_: { held?: { refreshToken?: string | undefined } | undefined }) =>
    tokensOf(user, ++n, expiresIn),
  );
}
