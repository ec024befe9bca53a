import type { Actors } from './actors.js';
import type { World } from './world.js';

/** What befalls a process between any two of its steps: it is killed, or stopped for a while. */
export function strike(world: World, actors: Actors, index: number): void {
  const { random, settings, faults, scheduler } = world;
  const context = actors.contexts[index];
  if (!context?.alive || scheduler.isPaused(index) || !faults.hits('strikes')) return;
  const kinds = (['kill', 'pause'] as const).filter((kind) => settings.upheavals.includes(kind));
  const kind = kinds[random.int(kinds.length)];
  if (!kind) return;
  world.log(() => `${kind} strikes context ${index}`);
  if (kind === 'kill') actors.kill(context);
  else context.pause(random.pick([300, 2_000, settings.leaseMs, settings.leaseMs * 1.4, 40_000]));
}
