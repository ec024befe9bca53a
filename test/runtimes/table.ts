import type { Report } from '../behaviour/case.ts';

export const summaryOf = ({ runtime, version, passed, failed, skipped }: Report): string =>
  `${runtime} ${version}: ${passed} passed, ${failed.length} failed, ${skipped.length} cannot hold`;

/** The table of README: what ran, what passed, and why something did not run. */
export function tableOf(
  reports: readonly Report[],
  missing: readonly { readonly name: string; readonly reason: string }[],
): string {
  const rows = reports.map(({ runtime, version, passed, failed, skipped }) => {
    const reasons = new Map<string, number>();
    for (const { reason } of skipped) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    const cannot = [...reasons].map(([reason, count]) => `${count}: ${reason}`).join('; ');
    return [runtime, version, `${passed}`, `${failed.length}`, cannot];
  });
  const absent = missing.map(({ name, reason }) => [name, '', 'not run', '', reason]);
  const head = ['runtime', 'version', 'passed', 'failed', 'cannot hold'];
  return [head, head.map(() => '---'), ...rows, ...absent].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
