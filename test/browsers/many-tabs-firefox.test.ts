import { it } from 'vitest';
import { describeBrowser } from './engine.ts';
import { manyTabs } from './many-tabs.ts';

// A longer run: LATCHKEY_BROWSER_REFRESHES=2000 npm run test:browsers
const REFRESHES = Number(process.env['LATCHKEY_BROWSER_REFRESHES'] ?? 200);

describeBrowser('firefox', 'webStore', (engine) => {
  it(
    'refreshes once an expiry, whatever becomes of the tabs: no family revoked, no call failed',
    async () => {
      const seed = Number(process.env['LATCHKEY_SEED'] ?? Date.now() % 1_000_000_000);
      console.info(`seed ${seed}`);
      await manyTabs(engine, REFRESHES, seed);
    },
    120_000 + REFRESHES * 2_500,
  );
});
