import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createContext, runInContext, Script } from 'node:vm';
import { Blobs } from './blobs.ts';
import type { Platform } from './metro.ts';
import { type Emit, networking } from './networking.ts';

/** A phone with an app on it. */
export interface Device {
  /** The app's `globalThis`. */
  readonly global: Record<string, unknown>;
}

export interface DeviceOptions {
  readonly platform: Platform;
  /** As package.json of React Native says it. */
  readonly version: string;
  /** What is taken away once React Native has started. */
  readonly without?: readonly string[];
  /** What the app has installed before anything else. */
  readonly withAlso?: readonly ('TextDecoder' | 'crypto.getRandomValues')[];
}

/** What V8 has, and Hermes or its version of React Native 0.83 does not. */
const NOT_IN_HERMES = [
  'SharedArrayBuffer',
  'Atomics',
  'WebAssembly',
  'FinalizationRegistry',
  'Iterator',
  'DisposableStack',
  'AsyncDisposableStack',
  'SuppressedError',
  'Float16Array',
  'Temporal',
  'Array.fromAsync',
  'Object.groupBy',
  'Map.groupBy',
  'Symbol.dispose',
  'Symbol.asyncDispose',
  'Uint8Array.fromBase64',
  'Uint8Array.prototype.toBase64',
];

/** Runs in the app's realm: what Hermes has of its own, in JavaScript. */
const ENGINE = `
  globalThis.global = globalThis;
  globalThis.HermesInternal = {
    hasPromise: () => true,
    useEngineQueue: () => true,
    enablePromiseRejectionTracker() {},
    getRuntimeProperties: () => ({}),
  };
  globalThis.TextEncoder = class TextEncoder {
    encode(text = '') {
      const bytes = unescape(encodeURIComponent(String(text).toWellFormed()));
      return Uint8Array.from(bytes, (c) => c.charCodeAt(0));
    }
  };
`;

/** Starts an app: the bundle runs in a realm that has what React Native's JavaScript finds on a phone. */
export function start(
  bundle: string,
  { platform, version, without = [], withAlso = [] }: DeviceOptions,
): Device {
  const files = new Map<string, Buffer>();
  const blobs = new Blobs();
  let emitter: Emit | undefined;
  const emit: Emit = (event, payload) => emitter?.(event, payload);
  let state = 'active';
  const [major, minor, patch] = version.split('.').map(Number);
  const modules: Record<string, object> = {
    Networking: networking(platform, { blobs, files }, emit),
    ...blobs.modules(),
    PlatformConstants: {
      getConstants: () => ({
        isTesting: true,
        reactNativeVersion: { major, minor, patch, prerelease: null },
        ...(platform === 'ios'
          ? { osVersion: '26.0', systemName: 'iOS', interfaceIdiom: 'phone', forceTouchAvailable: false }
          : {
              Version: 36,
              Release: '16',
              Model: '',
              Brand: '',
              Manufacturer: '',
              Fingerprint: '',
              uiMode: 'normal',
            }),
      }),
    },
    DeviceInfo: { getConstants: () => ({ Dimensions: {} }) },
    AppState: {
      getConstants: () => ({ initialAppState: state }),
      getCurrentAppState: (success: (now: object) => void) => success({ app_state: state }),
      addListener() {},
      removeListeners() {},
    },
  };
  const global: Record<string, unknown> = {
    console,
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
    setImmediate,
    clearImmediate,
    queueMicrotask,
    atob,
    btoa,
    performance: { now: () => performance.now() },
    RN$Bridgeless: true,
    RN$registerCallableModule() {},
    RN$enableMicrotasksInReact: true,
    __turboModuleProxy: (name: string) => modules[name] ?? (ASKED_FOR.test(name) ? silent : null),
    nativeModuleProxy: modules,
    native: {
      move(next: 'active' | 'background') {
        state = next;
        emit('appStateDidChange', { app_state: next });
      },
      write: (uri: string, text: string) => void files.set(uri, Buffer.from(text)),
    },
    setNativeEmitter: (by: Emit) => {
      emitter = by;
    },
  };
  if (withAlso.includes('TextDecoder')) global['TextDecoder'] = TextDecoder;
  if (withAlso.includes('crypto.getRandomValues')) {
    global['crypto'] = { getRandomValues: <T extends Uint8Array>(into: T) => fill(into) };
  }
  createContext(global);
  runInContext(ENGINE + dropped(NOT_IN_HERMES), global);
  new Script(readFileSync(bundle, 'utf8'), { filename: bundle }).runInContext(global);
  runInContext(dropped(without), global);
  return { global };
}

/** Of another realm, so that Web Crypto does not take it. */
function fill<T extends Uint8Array>(into: T): T {
  into.set(randomBytes(into.length));
  return into;
}

/** A name, or a member of one that may not be there. */
const dropped = (paths: readonly string[]) =>
  paths.map((path) => `try { delete globalThis.${path} } catch {}`).join(';');

/** Native modules that start-up cannot do without, and that say nothing. */
const ASKED_FOR = /^(?:ExceptionsManager|Timing|HeadlessJsTaskSupport|DeviceEventManager|Native\w+Cxx)$/;
const silent = new Proxy(
  {},
  { get: (_, name) => (name === 'getConstants' || name !== 'now' ? () => ({}) : () => performance.now()) },
);
