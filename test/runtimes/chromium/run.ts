import { chromium } from 'playwright-core';
import { aptInstall } from '../browser/debian.ts';
import { playwrightRuntime } from '../browser/playwright.ts';
import type { Runtime } from '../runtime.ts';

const program = { path: '/usr/bin/chromium', package: 'chromium' };
// the sandbox refuses to run as root
const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

export const install = (): void => aptInstall([program]);

export const runtimes: readonly Runtime[] = [
  playwrightRuntime({
    name: 'chromium',
    program,
    launch: (options) => chromium.launch({ ...options, args }),
  }),
];
