import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, LaunchOptions } from 'playwright-core';
import type { Report } from '../../behaviour/case.ts';
import type { RuntimeName } from '../../behaviour/runtimes.ts';
import type { Runtime } from '../runtime.ts';
import { missingOf, type Program } from './debian.ts';
import type { PageSetup } from './entry.ts';
import { startSite } from './site.ts';

/** Longer than the suite takes on a busy machine. */
const LIMIT_MS = 300_000;

export interface PlaywrightOptions {
  readonly name: RuntimeName;
  readonly program: Program;
  /** Starts it; `options` has the program and a home of its own. */
  readonly launch: (options: LaunchOptions) => Promise<Browser>;
}

/** A browser that Playwright drives: one page of a profile that is thrown away runs everything. */
export function playwrightRuntime({ name, program, launch }: PlaywrightOptions): Runtime {
  const told = () => withHome((env) => versionOf(program, env));
  return {
    name,
    version: told,
    available: () => missingOf([program]),
    async run({ pack, server, only }) {
      const setup: PageSetup = { runtime: name, version: told(), control: server.control, only };
      const site = await startSite(pack);
      try {
        return await withHome(async (env) => {
          const browser = await launch({ executablePath: program.path, env });
          try {
            return await reportOf(browser, site.url, setup);
          } finally {
            await browser.close();
          }
        });
      } finally {
        await site.close();
      }
    },
  };
}

async function reportOf(browser: Browser, url: string, setup: PageSetup): Promise<Report> {
  const page = await browser.newPage();
  await page.goto(url);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const failed = new Promise<never>((_, reject) => {
    page.once('crash', () => reject(new Error('the page crashed')));
    timer = setTimeout(() => reject(new Error(`the page took longer than ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    const report = page.evaluate(`suite.run(${JSON.stringify(setup)})`) as Promise<Report>;
    return await Promise.race([report, failed]);
  } finally {
    clearTimeout(timer);
  }
}

/** The first number that it says. */
function versionOf({ path }: Program, env: NodeJS.ProcessEnv): string {
  const said = execFileSync(path, ['--version'], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return /\d+(\.\d+)+/.exec(said)?.[0] ?? said.trim();
}

/** A home that can be written: Firefox does not start without. */
function withHome<T>(work: (env: Record<string, string>) => T): T {
  const home = mkdtempSync(join(tmpdir(), 'latchkey-browser-'));
  const remove = () => rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  const env = { ...(process.env as Record<string, string>), HOME: home };
  const done = work(env);
  if (done instanceof Promise) return done.finally(remove) as T;
  remove();
  return done;
}
