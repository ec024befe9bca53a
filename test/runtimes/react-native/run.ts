import { fileURLToPath } from 'node:url';
import type { Report } from '../../behaviour/case.ts';
import type { RuntimeName } from '../../behaviour/runtimes.ts';
import { reportOf } from '../child.ts';
import { cache, root } from '../places.ts';
import type { Runtime, Stage } from '../runtime.ts';
import { installKits, kit, type Line, missing, versionOf } from './kits.ts';
import { bundle, type Platform } from './metro.ts';

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What phones have and latchkey does without: another engine, or an app that took it away. */
const USUAL = [
  'AbortSignal.any',
  'AbortSignal.timeout',
  'AbortSignal.prototype.throwIfAborted',
  'TextEncoder',
  'atob',
  'btoa',
  'Intl',
  'WeakRef',
  'navigator',
  'Promise.withResolvers',
  'Promise.try',
  'String.prototype.isWellFormed',
  'String.prototype.toWellFormed',
];

function reactNative(name: RuntimeName, line: Line, platform: Platform): Runtime {
  const of = kit(line, platform);
  const version = () => versionOf(of, 'react-native');
  return {
    name,
    version,
    available: () => missing(of, 'react-native'),
    async run({ pack, server, only }: Stage) {
      const out = `${cache}${name}.js`;
      const modules = `${pack.app}node_modules`;
      const sources = [fileOf('app'), `${root}test/behaviour`];
      await bundle({ kit: of.folder, platform, entry: fileOf('app/entry.ts'), modules, sources, out });
      const run = (phone: 'as-is' | 'bare' | 'decoder' | 'installed') => {
        const without = phone === 'bare' ? USUAL : [];
        const wish = { runtime: name, version: version(), control: server.control, only, phone, without };
        const withAlso = {
          'as-is': [],
          bare: [],
          decoder: ['TextDecoder'],
          installed: ['TextDecoder', 'crypto.getRandomValues'],
        }[phone];
        const errand = { bundle: out, platform, version: version(), without, withAlso, wish };
        return reportOf(process.execPath, [fileOf('phone.ts')], {
          cwd: pack.app,
          env: { PHONE: JSON.stringify(errand) },
        });
      };
      const phones = ['as-is', 'bare', 'decoder', 'installed'] as const;
      const reports: Report[] = [];
      for (const phone of phones) reports.push(await run(phone));
      return reports.reduce(joined);
    },
  };
}

function joined(one: Report, other: Report): Report {
  return {
    ...one,
    passed: one.passed + other.passed,
    failed: [...one.failed, ...other.failed],
    skipped: [...one.skipped, ...other.skipped],
  };
}

export const runtimes: readonly Runtime[] = [
  reactNative('react-native-0.88', '0.88', 'android'),
  reactNative('react-native-0.88-ios', '0.88', 'ios'),
  reactNative('react-native-0.83', '0.83', 'android'),
];

export const install = (): void => installKits();
