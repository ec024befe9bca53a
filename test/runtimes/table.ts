import type { Report } from '../behaviour/case.ts';

export interface Missing {
  readonly name: string;
  readonly reason: string;
}

export const summaryOf = ({ runtime, version, passed, failed, skipped }: Report): string =>
  `${runtime} ${version}: ${passed} passed, ${failed.length} failed, ${skipped.length} cannot hold`;

/** The table of README: what ran, what passed, and what cannot hold there. */
export function tableOf(reports: readonly Report[], missing: readonly Missing[]): string {
  const rows = reports.map(({ runtime, version, passed, failed, skipped }) => [
    `\`${runtime}\``,
    version,
    `${passed}`,
    `${failed.length}`,
    `${skipped.length}`,
  ]);
  const absent = missing.map(({ name, reason }) => [`\`${name}\``, `not run: ${reason}`, '', '', '']);
  const head = ['runtime', 'version', 'passed', 'failed', 'cannot hold'];
  return [head, head.map(() => '---'), ...rows, ...absent].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Why cases do not hold somewhere, in words: each reason once, with the runtimes and the cases. */
export function reasonsOf(reports: readonly Report[]): string {
  const reasons = new Map<string, { runtimes: Set<string>; cases: Set<string> }>();
  for (const { runtime, skipped } of reports) {
    for (const { name, reason } of skipped) {
      const known = reasons.get(reason) ?? { runtimes: new Set(), cases: new Set() };
      reasons.set(reason, known);
      known.runtimes.add(`\`${runtime}\``);
      known.cases.add(name);
    }
  }
  return [...reasons]
    .map(([reason, { runtimes, cases }]) => {
      const count = cases.size === 1 ? 'one case' : `${cases.size} cases`;
      return `- ${reason} (${count}): ${[...runtimes].join(', ')}`;
    })
    .join('\n');
}

const BEGIN = '<!-- filled in by `npm run test:runtimes -- --readme` -->\n';
const END = '<!-- end -->\n';

/** README with this in place of what was filled in last. */
export function filledIn(readme: string, text: string): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('README.md has no place for the table');
  return `${readme.slice(0, begin + BEGIN.length)}\n${text}\n\n${readme.slice(end)}`;
}
