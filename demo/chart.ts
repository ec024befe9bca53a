/** Something that happened at one instant, milliseconds since 1970. */
interface Moment {
  readonly at: number;
  readonly status: number;
}

const columns = 56;
const levels = [...' ▁▂▃▄▅▆▇█'];
const margin = '    ';

/** The API's answers and the token requests over time, as the servers saw them. */
export function chart(
  from: number,
  answers: readonly Moment[],
  tokenRequests: readonly (Moment & { readonly from: number })[],
): string {
  const until = Math.max(from + columns, ...[...answers, ...tokenRequests].map(({ at }) => at));
  const column = (at: number) => Math.min(columns - 1, Math.floor(((at - from) / (until - from)) * columns));
  const histogram = (status: number) => {
    const counts = Array.from({ length: columns }, () => 0);
    for (const answer of answers) {
      const place = column(answer.at);
      if (answer.status === status) counts[place] = (counts[place] ?? 0) + 1;
    }
    return counts;
  };
  const refused = histogram(401);
  const taken = histogram(200);
  const draw = (counts: readonly number[]) => {
    const highest = Math.max(1, ...counts);
    return counts.map((count) => levels[Math.ceil((count / highest) * 8)]).join('');
  };

  const refreshes = Array.from({ length: columns }, () => ' ');
  for (const { from: began, at, status } of tokenRequests) {
    const [start, end] = [column(began), column(at)];
    for (let i = start; i <= end; i++) refreshes[i] = '━';
    refreshes[end] = status === 200 ? '●' : '✕';
  }
  const sum = (counts: readonly number[]) => String(counts.reduce((a, b) => a + b, 0)).padStart(4);
  const scale = `0 ms${`${until - from} ms`.padStart(columns - 4)}`;
  return [
    `${margin}     401 │${draw(refused)}│${sum(refused)}`,
    `${margin}   token │${refreshes.join('')}│${String(tokenRequests.length).padStart(4)}`,
    `${margin}     200 │${draw(taken)}│${sum(taken)}`,
    `${margin}          ${scale}`,
  ].join('\n');
}
