import { parseChallenges } from 'latchkey/challenge';
import { median, table } from './measure.ts';

const BEARER = 'Bearer realm="api", error="invalid_token", error_description="The access token expired"';

function timed(run: () => void): number {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start);
}

/** Nanoseconds a challenge; `vary` defeats a memo of the last header. */
function perChallenge(vary: boolean): number {
  const fields = Array.from({ length: 64 }, (_, i) =>
    BEARER.replace('api', `api-${String(i).padStart(2, '0')}`),
  );
  const times = 200_000;
  const rounds = Array.from({ length: 9 }, () =>
    timed(() => {
      for (let i = 0; i < times; i++) parseChallenges(vary ? (fields[i & 63] as string) : BEARER);
    }),
  );
  return median(rounds) / times;
}

const hostile: Record<string, (length: number) => string> = {
  commas: (n) => ','.repeat(n),
  'a= a= …': (n) => 'a='.repeat(n / 2),
  'open quote': (n) => `Bearer realm="${'x'.repeat(n)}`,
  backslashes: (n) => `Bearer realm="${'\\'.repeat(n)}`,
  'quotes and backslashes': (n) => `Bearer a="${'\\"'.repeat(n / 2)}`,
  blanks: (n) => `Bearer${' '.repeat(n)}x`,
  schemes: (n) => 'a,'.repeat(n / 2),
  parameters: (n) => `Bearer ${'a=b,'.repeat(n / 4)}`,
  'missing commas': (n) => `Bearer ${'a="b" c '.repeat(n / 8)}`,
  'empty values': (n) => 'a b=,,'.repeat(n / 6),
  'quoted parameters': (n) => `Bearer ${'a="b",'.repeat(n / 6)}`,
};

export function benchParser(): void {
  // First, as ordinary programs meet it: hostile headers leave the parser compiled for the likes of them.
  const one = perChallenge(true).toFixed(0);
  const again = perChallenge(false).toFixed(0);
  const rows = Object.entries(hostile).map(([name, make]) => {
    const sizes = [16, 64, 256].map((kib) => make(kib * 1024));
    const took = sizes.map((field) =>
      median(
        Array.from({ length: 15 }, (_, i) => {
          // Another string each time: the memo of the last header must not answer.
          const other = `${field}${i % 2 === 0 ? ',' : ''}`;
          return timed(() => parseChallenges(other));
        }),
      ),
    );
    const exponent = Math.log((took[2] as number) / (took[0] as number)) / Math.log(16);
    return [name, `${((took[1] as number) / 1e6).toFixed(2)} ms`, exponent.toFixed(2)];
  });
  console.log(
    `\n### parseChallenges\n\nOne Bearer challenge: ${one} ns; the same header again: ${again} ns\n\n${table(['hostile header', '64 KiB', 'exponent'], rows)}`,
  );
}
