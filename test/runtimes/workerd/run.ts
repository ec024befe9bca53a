import type { Report } from '../../behaviour/case.ts';
import type { Runtime } from '../runtime.ts';
import { runRequests } from './requests.ts';
import { available, bundled, start, version } from './worker.ts';

/** The suite inside one request, and then what only many requests of one worker can show. */
export const runtimes: readonly Runtime[] = [
  {
    name: 'workerd',
    version,
    available,
    async run({ pack, server, only }) {
      const before = await bundled(pack, '../behaviour/before.ts', 'workerd-before');
      const suite = await bundled(pack, 'workerd/entry.ts', 'workerd-entry');
      const bindings = { CONTROL: server.control, ONLY: only, VERSION: version() };
      const worker = await start([before, suite], { bindings });
      let report: Report;
      try {
        const { status, text } = await worker.get('');
        if (status !== 200) throw new Error(`The worker answered ${status}: ${text}`);
        report = JSON.parse(text) as Report;
      } finally {
        await worker.dispose();
      }
      const requests = await runRequests(
        await bundled(pack, 'workerd/entry-app.ts', 'workerd-app'),
        server,
        only,
      );
      return {
        ...report,
        passed: report.passed + requests.passed,
        failed: [...report.failed, ...requests.failed],
      };
    },
  },
];
