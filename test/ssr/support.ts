import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, vi } from 'vitest';
import { World } from './world.js';

/** A world for the tests of one file, and the environment that the examples read; they are to be imported afterwards. */
export function aWorld(): World {
  const world = new World();
  beforeAll(async () => {
    await world.start();
    vi.stubEnv('ISSUER', world.origin);
    vi.stubEnv('API', `${world.origin}/api/`);
    vi.stubEnv('SITE', 'https://shop.example.com');
    vi.stubEnv('CLIENT_SECRET', 'secret');
    vi.stubEnv('SESSION_KEY', randomBytes(32).toString('base64url'));
  });
  beforeEach(() => {
    world.tokenRequests.length = 0;
    world.served.length = 0;
    world.gate = () => undefined;
    world.lifetime = 300;
    world.closed = false;
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await world.stop();
  });
  return world;
}
