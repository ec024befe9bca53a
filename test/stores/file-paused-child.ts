// `node file-paused-child.ts <file>`: has the turn until it is told to save, and tells what came of it.
import { fileStore } from 'latchkey/stores/file';

const store = fileStore(process.argv[2] ?? '');
const told = new Promise((resolve) => process.once('message', resolve));
await store.turn(async (signal) => {
  process.send?.('inside');
  await told;
  const saved = await store.save({ id: 'paused', revision: 2, generation: 1, boundTo: '' }, 1);
  process.send?.({ saved, aborted: signal.aborted });
});
process.disconnect();
