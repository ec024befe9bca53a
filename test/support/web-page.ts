import { setMaxListeners } from 'node:events';
import { IDBFactory } from 'fake-indexeddb';
import { vi } from 'vitest';
import { FakeLocks } from './web-locks.ts';

/** What the tabs of one browser profile share, and the events of a page. Every platform object is a global of the test. */
export interface WebPage {
  readonly locks: FakeLocks;
  /** Messages that were posted. */
  readonly posted: unknown[];
  /** How many channels are open. */
  readonly channels: number;
  /** What is created from now on belongs to this tab. */
  tab(name: string): void;
  /** As a browser tells a page that it is hidden or seen. */
  see(visibility: 'visible' | 'hidden'): void;
  /** An event of the window, such as pagehide. */
  tell(type: string, about?: object): void;
}

export function webPage(): WebPage {
  const locks = new FakeLocks();
  const posted: unknown[] = [];
  const open = new Set<FakeChannel>();
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const window = new EventTarget();
  setMaxListeners(0, document, window);

  class FakeChannel {
    readonly name: string;
    onmessage: ((event: { data: unknown }) => void) | null = null;

    constructor(name: string) {
      this.name = name;
      open.add(this);
    }

    postMessage(data: unknown): void {
      if (!open.has(this)) throw new DOMException('closed', 'InvalidStateError');
      posted.push(data);
      const told = [...open].filter((other) => other !== this && other.name === this.name);
      for (const other of told) setImmediate(() => open.has(other) && other.onmessage?.({ data }));
    }

    close(): void {
      open.delete(this);
    }
  }

  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('document', document);
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window));
  vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window));
  vi.stubGlobal('BroadcastChannel', FakeChannel);
  const page: WebPage = {
    locks,
    posted,
    get channels() {
      return open.size;
    },
    tab: (name) => vi.stubGlobal('navigator', { locks: locks.client(name) }),
    see(visibility) {
      document.visibilityState = visibility;
      document.dispatchEvent(new Event('visibilitychange'));
    },
    tell: (type, about = {}) => void window.dispatchEvent(Object.assign(new Event(type), about)),
  };
  page.tab('a');
  return page;
}

/** Everything that the databases, locks and channels of a test can do without time passing. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 40; i++) await new Promise((resolve) => setImmediate(resolve));
}
