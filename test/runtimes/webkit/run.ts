import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../../behaviour/case.ts';
import { aptInstall, missingOf } from '../browser/debian.ts';
import type { PageSetup } from '../browser/entry.ts';
import { startSite } from '../browser/site.ts';
import type { Runtime } from '../runtime.ts';
import { startDisplay, startDriver } from './processes.ts';
import { startSession } from './session.ts';

/** Longer than the suite takes on a busy machine, and less than fetch waits for an answer. */
const LIMIT_MS = 240_000;

const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const driver = { path: '/usr/bin/WebKitWebDriver', package: 'webkit2gtk-driver' };
const display = { path: '/usr/bin/Xvfb', package: 'xvfb' };
// the browser that comes with the library
const browser = `/usr/lib/${machine}-linux-gnu/webkit2gtk-4.1/MiniBrowser`;
const programs = [driver, display, { path: browser, package: driver.package }];

const version = () => {
  const status = execFileSync('dpkg-query', ['--status', driver.package], { encoding: 'utf8' });
  return /^Version: ([\d.]+)/m.exec(status)?.[1] ?? '';
};

export const install = (): void => aptInstall(programs);

export const runtimes: readonly Runtime[] = [
  {
    name: 'webkit',
    version,
    available: () => missingOf(programs),
    async run({ pack, server, only }) {
      const setup: PageSetup = { runtime: 'webkit', version: version(), control: server.control, only };
      const site = await startSite(pack);
      try {
        return await inWebKit(site.url, setup);
      } finally {
        await site.close();
      }
    },
  },
];

/** Everything that a browser needs, in turn; and each of it is stopped, whatever fails. */
async function inWebKit(url: string, setup: PageSetup): Promise<Report> {
  const home = mkdtempSync(join(tmpdir(), 'latchkey-webkit-'));
  const ends: (() => unknown)[] = [() => rmSync(home, { recursive: true, force: true, maxRetries: 5 })];
  try {
    const screen = await startDisplay(display.path);
    ends.unshift(screen.stop);
    const env = { DISPLAY: screen.at, LIBGL_ALWAYS_SOFTWARE: '1', HOME: home };
    const started = await startDriver(driver.path, env);
    ends.unshift(started.stop);
    const capabilities = {
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] },
    };
    const session = await startSession(started.at, { capabilities, scriptMs: LIMIT_MS });
    ends.unshift(session.end);
    await session.open(url);
    return (await session.run('return suite.run(given);', setup)) as Report;
  } finally {
    for (const end of ends) await Promise.resolve(end()).catch(() => {});
  }
}
