import { firefox } from 'playwright-core';
import { aptInstall } from '../browser/debian.ts';
import { playwrightRuntime } from '../browser/playwright.ts';
import type { Runtime } from '../runtime.ts';

const program = { path: '/usr/bin/firefox-esr', package: 'firefox-esr' };

export const install = (): void => aptInstall([program]);

export const runtimes: readonly Runtime[] = [
  playwrightRuntime({
    name: 'firefox',
    program,
    // as it is published, over WebDriver BiDi; without the channel Playwright expects a build of its own
    launch: (options) => firefox.launch({ ...options, channel: 'moz-firefox' }),
  }),
];
