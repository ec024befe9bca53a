import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Platform } from './metro.ts';

/** A React Native that is installed beside, for one platform. */
export interface Kit {
  /** The folder with its `node_modules`, without a slash at the end. */
  readonly folder: string;
  readonly platform: Platform;
}

const lines = ['0.88', '0.83'] as const;

/** 0.83 has the abort-controller of old (replaced in 0.87) and is the last whose default engine is the old Hermes. */
export type Line = (typeof lines)[number];

export const kit = (line: Line, platform: Platform): Kit => ({
  folder: fileURLToPath(new URL(line, import.meta.url)),
  platform,
});

export function versionOf({ folder }: Kit, name: string): string {
  const { version } = JSON.parse(readFileSync(`${folder}/node_modules/${name}/package.json`, 'utf8')) as {
    version: string;
  };
  return version;
}

/** Why it cannot be run; undefined: it can. */
export const missing = ({ folder }: Kit, name: string): string | undefined =>
  existsSync(`${folder}/node_modules/${name}/package.json`) ? undefined : 'it is not installed';

export function installKits(): void {
  for (const line of lines) {
    const { folder } = kit(line, 'android');
    execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: folder, stdio: 'inherit' });
  }
}
