/** Milliseconds by a clock that all processes of a machine share, and that goes on while one is stopped. */
export const clock = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;
