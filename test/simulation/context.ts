import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import type { AuthFetch } from '../../src/fetch/options.js';
import type { StepUp } from '../../src/session/grant.js';
import { createSession } from '../../src/session/session.js';
import type { Session } from '../../src/session/types.js';
import { api, createResource } from './resource.js';
import type { World } from './world.js';

/** What a context shows of itself: still loading, nobody, or the number of a sign-in. */
export type Shown = 'loading' | 'nobody' | number;

export const targets = ['files', 'mail'] as const;
export type Target = (typeof targets)[number];

/** One tab or process: a session with a clock of its own over the shared place, and its auth fetch. */
export class Context {
  readonly index: number;
  readonly session: Session<number>;
  readonly fetch: AuthFetch;
  /** By target: over a derived session. */
  readonly derived: Readonly<Record<Target, AuthFetch>>;
  readonly resume: Set<() => void> = new Set();
  alive = true;
  pausedUntil = 0;
  clockJumped = false;
  skewMs: number;
  readonly #world: World;
  #stop: (() => void) | undefined;

  constructor(of: World, index: number) {
    this.#world = of;
    this.index = index;
    const { settings, random, provider, oracle } = of;
    this.skewMs = Math.round(settings.skewMs * (random.next() - 0.5));
    this.session = createSession<number>({
      store: of.placeOf(index).handle(index),
      ...(settings.service
        ? { acquire: (asked) => provider.acquire(index, asked, this.clock) }
        : {
            refresh: (asked) => provider.refresh(index, asked, this.clock),
            stepUp: (_: Parameters<StepUp>[0], asked: Parameters<StepUp>[1]) => provider.stepUp(index, asked),
          }),
      revoke: ({ held }) => provider.revoke(index, held),
      user: (tokens) => provider.familyOf(tokens.accessToken)?.number ?? -1,
      now: () => this.clock,
      onResume: (resume) => {
        this.resume.add(resume);
        return () => void this.resume.delete(resume);
      },
      observe: (event) => oracle.observed(index, event),
    });
    const fetchFor = (auth: Session<number>): AuthFetch =>
      createAuthFetch({
        auth,
        baseUrl: `${api}/`,
        fetch: createResource(of, index),
        observe: (event) => oracle.observed(index, event),
      });
    this.fetch = fetchFor(this.session);
    this.derived = {
      files: fetchFor(this.session.derive({ audience: 'files' })),
      mail: fetchFor(this.session.derive({ audience: 'mail' })),
    };
  }

  /** Its first use: from here on it loads, and what it shows is watched. */
  use(): void {
    this.#stop ??= this.session.subscribe(() => this.#world.oracle.shows(this));
  }

  /** What it takes for the time. */
  get clock(): number {
    return this.#world.scheduler.now + this.skewMs;
  }

  get shown(): Shown {
    const snapshot = this.session.getSnapshot();
    if (snapshot.status === 'signed-in') return snapshot.user;
    return snapshot.status === 'loading' ? 'loading' : 'nobody';
  }

  /** Why nobody is signed in, where that is so. */
  get cause(): string | undefined {
    const snapshot = this.session.getSnapshot();
    return snapshot.status === 'signed-out' ? snapshot.cause : undefined;
  }

  /** Nothing of it runs any more, and nobody hears what it waited for. */
  kill(): void {
    this.alive = false;
    this.#world.scheduler.kill(this.index);
    this.#world.placeOf(this.index).turns.killed(this.index);
  }

  pause(forMs: number): void {
    this.pausedUntil = this.#world.scheduler.now + forMs;
    this.#world.scheduler.pause(this.index, forMs);
    this.#world.oracle.reuses.paused(this.index, forMs);
    this.#world.placeOf(this.index).turns.paused(this.index, forMs);
  }
}
