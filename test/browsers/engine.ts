import {
  accessSync,
  chmodSync,
  constants,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, firefox } from 'playwright-core';
import { describe } from 'vitest';

/** A browser as Debian installs it. */
export interface Engine {
  readonly name: 'chromium' | 'firefox';
  readonly binary: string;
  /** The Debian package that brings it. */
  readonly package: string;
}

const ENGINES: readonly Engine[] = [
  { name: 'chromium', binary: '/usr/bin/chromium', package: 'chromium' },
  { name: 'firefox', binary: '/usr/bin/firefox-esr', package: 'firefox-esr' },
];

/** A running browser, with a profile of its own that is removed at the end. */
export interface Profile {
  readonly context: BrowserContext;
  /** What is on disk of the site's databases. */
  databases(): string[];
  /** The processes that run pages of the site. */
  renderers(): number[];
  close(): Promise<void>;
}

/** `describe` for each browser: where one is not installed its tests are skipped, and it says so. */
export function describeBrowsers(title: string, suite: (engine: Engine) => void): void {
  for (const engine of ENGINES) describeBrowser(engine.name, title, suite);
}

export function describeBrowser(name: Engine['name'], title: string, suite: (engine: Engine) => void): void {
  const engine = ENGINES.find((of) => of.name === name) as Engine;
  const isThere = isInstalled(engine);
  if (!isThere) {
    console.error(
      `\n!!! ${name} is not installed: the tests of "${title}" are SKIPPED there, which proves nothing.` +
        `\n!!! Install it: apt-get install --no-install-recommends ${engine.package}\n`,
    );
  }
  describe.skipIf(!isThere)(`${title}: ${name}`, () => suite(engine));
}

function isInstalled({ binary }: Engine): boolean {
  try {
    accessSync(binary, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface LaunchOptions {
  readonly args?: readonly string[];
  /** A window that keeps nothing. */
  readonly private?: boolean;
}

export async function launch(engine: Engine, options: LaunchOptions = {}): Promise<Profile> {
  const folder = mkdtempSync(join(tmpdir(), `latchkey-${engine.name}-`));
  const profile = join(folder, 'profile');
  const context = await (engine.name === 'chromium'
    ? startChromium(engine, profile, options)
    : startFirefox(engine, folder, profile, options));
  return {
    context,
    databases: () =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
        /IndexedDB\/http_127|storage\/default\/http\+\+\+127/.test(path),
      ),
    renderers: () => renderersOf(profile),
    async close() {
      await context.close().catch(() => {});
      await context
        .browser()
        ?.close()
        .catch(() => {});
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function startChromium(
  { binary }: Engine,
  profile: string,
  options: LaunchOptions,
): Promise<BrowserContext> {
  const how = {
    executablePath: binary,
    // the sandbox refuses to run as root
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...(options.args ?? [])],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  };
  if (!options.private) return chromium.launchPersistentContext(profile, how);
  // off the record
  return (await chromium.launch(how)).newContext();
}

function startFirefox(
  engine: Engine,
  folder: string,
  profile: string,
  options: LaunchOptions,
): Promise<BrowserContext> {
  return firefox.launchPersistentContext(profile, {
    channel: 'moz-firefox',
    executablePath: survivor(engine, folder),
    env: { ...process.env, HOME: folder },
    ...(options.private ? { firefoxUserPrefs: { 'browser.privatebrowsing.autostart': true } } : {}),
  });
}

/** Firefox as users have it: one that goes on when a content process crashes. */
function survivor({ binary }: Engine, folder: string): string {
  const script = join(folder, 'firefox');
  writeFileSync(script, `#!/bin/sh\nunset MOZ_CRASHREPORTER_SHUTDOWN\nexec ${binary} "$@"\n`);
  chmodSync(script, 0o755);
  return script;
}

/** Found by the profile that the browser was started with, and only below it. */
function renderersOf(profile: string): number[] {
  const all = readdirSync('/proc').flatMap((entry) => (/^\d+$/.test(entry) ? processOf(Number(entry)) : []));
  const below = new Set(all.filter(({ args }) => args.includes(profile)).map(({ pid }) => pid));
  for (let size = 0; size < below.size; ) {
    size = below.size;
    for (const { pid, parent } of all) if (below.has(parent)) below.add(pid);
  }
  return all
    .filter(
      ({ pid, args, name }) =>
        below.has(pid) && (args.includes('--type=renderer') || name === 'Isolated Web Co'),
    )
    .map(({ pid }) => pid);
}

function processOf(pid: number): { pid: number; parent: number; name: string; args: string }[] {
  try {
    const [, name = '', rest = ''] = /\((.*)\) (.*)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return [{ pid, name, parent: Number(rest.split(' ')[1]), args }];
  } catch {
    return [];
  }
}
