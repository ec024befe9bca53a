import 'react-native/Libraries/Core/InitializeCore';
import RCTDeviceEventEmitter from 'react-native/Libraries/EventEmitter/RCTDeviceEventEmitter';
import '../../../behaviour/before.ts';
import { asyncStorageStore } from 'latchkey/stores/async-storage';
import { type Report, type RuntimeName, runCases, toolsFor } from '../../../behaviour/index.ts';
import { cases, installed } from './cases/index.ts';
import type { Native } from './native.ts';
import { fakeSecureStore } from './storage.ts';

/** What the phone asks of the app; JSON. */
interface Wish {
  readonly runtime: RuntimeName;
  readonly version: string;
  readonly control: string;
  readonly only: string;
  /** 'as-is': the cases of every runtime too. 'bare': on a phone without `without`. 'installed': what README tells to install. */
  readonly phone: 'as-is' | 'bare' | 'installed';
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
  const own = (kind === 'installed' ? installed : cases).map((one) => ({
    ...one,
    group: kind === 'as-is' ? one.group : `${one.group} (${kind})`,
    run: () => one.run(native),
  }));
  const report = await runCases(tools, { only, version, skip: () => undefined, cases: own });
  return JSON.stringify(kind === 'as-is' ? joined(await runCases(tools, { only, version }), report) : report);
};

function joined(one: Report, other: Report): Report {
  return {
    ...one,
    passed: one.passed + other.passed,
    failed: [...one.failed, ...other.failed],
    skipped: [...one.skipped, ...other.skipped],
  };
}
