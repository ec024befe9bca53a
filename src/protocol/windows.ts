/** Where a token's life runs out, as instants; Infinity where there is no window. */
export interface Windows {
  /** From here on a refresh runs beside the requests. */
  readonly softAt: number;
  /** From here on requests wait for a refresh. */
  readonly hardAt: number;
}

const off: Windows = { softAt: Number.POSITIVE_INFINITY, hardAt: Number.POSITIVE_INFINITY };

/** Shares of the life, so that no lifetime, however short, means a refresh a request. */
export function windowsOf(
  life: { readonly mintedAt?: number | undefined; readonly expiresAt?: number | undefined },
  softMs: number,
  hardMs: number,
): Windows {
  const { mintedAt, expiresAt } = life;
  if (mintedAt === undefined || expiresAt === undefined || expiresAt <= mintedAt) return off;
  const span = expiresAt - mintedAt;
  return {
    softAt: expiresAt - Math.min(softMs, span * 0.2),
    hardAt: expiresAt - Math.min(hardMs, span * 0.1),
  };
}
