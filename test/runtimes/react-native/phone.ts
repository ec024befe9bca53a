import { type DeviceOptions, start } from './device.ts';

// A process for each phone: what an app leaves behind ends with it.
interface Errand extends DeviceOptions {
  readonly bundle: string;
  readonly wish: Readonly<Record<string, unknown>>;
}

const { bundle, wish, ...options } = JSON.parse(process.env['PHONE'] ?? '{}') as Errand;
const { global } = start(bundle, options);
const runSuite = global['runSuite'] as (wish: string) => Promise<string>;
console.log(await runSuite(JSON.stringify(wish)));
process.exit();
