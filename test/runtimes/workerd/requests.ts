import type { Report } from '../../behaviour/case.ts';
import type { TestServer } from '../server.ts';
import { moduleLevel } from './module-level.ts';
import { type Scene, sceneOf } from './scene.ts';

/** What one client in the scope of a module does for many requests. */
export interface RequestCase {
  readonly name: string;
  run(scene: Scene): Promise<void>;
}

/** Longer than any may take on a busy machine. */
const LIMIT_MS = 60_000;

export async function runRequests(
  app: string,
  server: TestServer,
  only: string,
): Promise<Pick<Report, 'passed' | 'failed'>> {
  const failed: { name: string; error: string }[] = [];
  let passed = 0;
  for (const { name: sentence, run } of moduleLevel) {
    const name = `a client of the module: ${sentence}`;
    if (!name.includes(only)) continue;
    const scene = sceneOf(app, server);
    try {
      await inTime(run(scene));
      passed++;
    } catch (error) {
      failed.push({
        name,
        error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error),
      });
    } finally {
      await scene.end();
    }
  }
  return { passed, failed };
}

async function inTime(work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
