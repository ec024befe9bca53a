import { startProvider, startResource } from '../test/support/oidc/index.ts';
import { failed, show } from './report.ts';
import { busyServer } from './scenes/busy-server.ts';
import { lateRefusal } from './scenes/late-refusal.ts';
import { revoked } from './scenes/revoked.ts';
import { service } from './scenes/service.ts';
import { storm } from './scenes/storm.ts';
import type { Stage } from './stage.ts';

const began = Date.now();
// Whatever hangs: the demo does not.
const watchdog = setTimeout(() => {
  console.error('\nThe demo did not end within 29 s.');
  process.exit(1);
}, 29_000);

const idp = await startProvider();
const api = await startResource(idp);
const stage: Stage = { idp, api };
show('latchkey: a fetch that answers HTTP 401\n');
show(`  oidc-provider  ${idp.issuer}   rotates; access tokens live for 2 s`);
show(`  an API         ${api.url}  all counts are taken at these two`);
try {
  await storm(stage, false);
  await storm(stage, true);
  await lateRefusal(stage);
  await busyServer(stage);
  await revoked(stage);
  await service(stage);
} finally {
  await Promise.all([api.stop(), idp.stop()]);
  clearTimeout(watchdog);
}

const seconds = ((Date.now() - began) / 1_000).toFixed(1);
const failures = failed();
show(
  failures === 0
    ? `\nAll counts are right (${seconds} s).`
    : `\n${failures} counts are wrong (${seconds} s).`,
);
show(`
Where to go next:
  README.md             install, the smallest programs, how a 401 is handled
  examples/browser      a page whose tabs share a home-made token endpoint
  examples/service      a Node service that calls another
  examples/react-native an app whose tokens rest in the keychain
  demo/scenes           the code of what you just saw`);
process.exitCode = failures === 0 ? 0 : 1;
