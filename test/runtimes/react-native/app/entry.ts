import 'react-native/Libraries/Core/InitializeCore';
import RCTDeviceEventEmitter from 'react-native/Libraries/EventEmitter/RCTDeviceEventEmitter';
import '../../../behaviour/before.ts';
import { asyncStorageStore } from 'latchkey/stores/async-storage';
import {
  type Case,
  cases as everywhere,
  type Report,
  type RuntimeName,
  runCases,
  toolsFor,
} from '../../../behaviour/index.ts';
import { installed, cases as ours } from './cases/index.ts';
import type { Native } from './native.ts';
import { fakeSecureStore } from './storage.ts';

/** What the phone asks of the app; JSON. */
interface Wish {
  readonly runtime: RuntimeName;
  readonly version: string;
  readonly control: string;
  readonly only: string;
  /**
   * 'as-is': the cases of every runtime too. 'bare': on a phone without `without`. 'decoder' and 'installed': where the app has
   * installed TextDecoder, and random numbers too, as README tells.
   */
  readonly phone: 'as-is' | 'bare' | 'decoder' | 'installed';
  readonly without: readonly string[];
}

interface Phone {
  readonly native: Native;
  setNativeEmitter(emit: (event: string, payload: unknown) => void): void;
  runSuite(wish: string): Promise<string>;
}

const phone = globalThis as unknown as Phone;
phone.setNativeEmitter((event, payload) => RCTDeviceEventEmitter.emit(event, payload));

// texts in and out: the phone is another realm
phone.runSuite = async (wish) => {
  const { runtime, version, control, only, phone: kind, without } = JSON.parse(wish) as Wish;
  const secure = fakeSecureStore(new Map());
  const tools = await toolsFor({ runtime, control, store: (place) => asyncStorageStore(secure, place) });
  const native = { ...tools, native: phone.native, without };
  const shared = (which: (one: Case) => boolean) =>
    runCases(tools, { only, version, cases: everywhere.filter(which) });
  const own = (of: typeof ours) =>
    runCases(tools, {
      only,
      version,
      skip: () => undefined,
      cases: of.map((one) => ({
        ...one,
        group: kind === 'as-is' ? one.group : `${one.group} (${kind})`,
        run: () => one.run(native),
      })),
    });
  const report = {
    'as-is': async () => joined(await shared((one) => !needsDecoder(one)), await own(ours)),
    bare: () => own(ours),
    decoder: () => shared(needsDecoder),
    installed: () => own(installed),
  }[kind];
  return JSON.stringify(await report());
};

const needsDecoder = ({ needs }: Case) => needs?.includes('text-decoder') ?? false;

function joined(one: Report, other: Report): Report {
  return {
    ...one,
    passed: one.passed + other.passed,
    failed: [...one.failed, ...other.failed],
    skipped: [...one.skipped, ...other.skipped],
  };
}
