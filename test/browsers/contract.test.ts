import { expect, it } from 'vitest';
import { storeContract } from '../stores/contract.ts';
import { twoWebStores, webFaults } from '../stores/web-place.ts';
import { describeBrowsers, launch } from './engine.ts';
import type { Contract } from './page/contract.ts';
import { startSite } from './site.ts';

describeBrowsers('storeContract', (engine) => {
  it('holds for webStore inside the page, every case of it', async () => {
    const site = await startSite(['contract']);
    const profile = await launch(engine);
    try {
      const page = await profile.context.newPage();
      await page.goto(`${site.origin}/contract`);
      const results = await page.evaluate(() => (globalThis as unknown as { contract: Contract }).contract());
      console.info(`${engine.name}: ${results.length} cases of the contract`);
      expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
      const names = storeContract(twoWebStores, webFaults).map(({ name }) => name);
      expect(results.map(({ name }) => name)).toEqual(names);
    } finally {
      await profile.close();
      await site.stop();
    }
  });
});
