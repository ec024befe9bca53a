import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { refreshTokenGrant } from '../../src/oauth/refresh-token.js';
import { createSession } from '../../src/session/session.js';
import { fileStore } from '../../src/stores/file/file-store.js';
import { createRandom } from '../simulation/random.ts';
import { type ReferenceProvider, startProvider } from '../support/oidc/index.ts';
import { callsOf, causesOf, LONG_PAUSE_MS } from './file-journal.ts';
import { filePlace } from './file-place.ts';
import { Actor } from './file-processes.ts';

// The whole proof, 1,000 refreshes for each of 8 processes, which takes some minutes (after `npm run build`):
// LATCHKEY_FILE_REFRESHES=8000 npx vitest run test/stores/file-processes.test.ts
const REFRESHES = Number(process.env['LATCHKEY_FILE_REFRESHES'] ?? 200);
const LIMIT_MS = 90_000 + REFRESHES * 200;
const PROCESSES = 8;
/** A session waits no longer for a turn; a lease is 7 s. */
const LONGEST_WAIT_MS = 8_000;
/** A timer may be late. */
const SLACK_MS = 1_500;
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

let idp: ReferenceProvider;
beforeAll(async () => {
  idp = await startProvider({ accessTokenTtl: 1 });
});
afterAll(() => idp.stop());

const [old, fresh] = [Buffer.alloc(32, 'old'), Buffer.alloc(32, 'new')];
const inBase64 = (...keys: Buffer[]) => keys.map((key) => key.toString('base64')).join(',');

describe('fileStore', () => {
  it.each([
    ['as plain text', undefined],
    ['encrypted, while the key is rotated', [fresh, old] as const],
  ])(
    'shares one sign-in among 8 processes that are killed and stopped, %s: no refresh token is spent twice but for that',
    async (_, encrypt) => {
      const seed = Number(process.env['LATCHKEY_SEED'] ?? Date.now() % 1_000_000_000);
      console.info(`seed ${seed}`);
      const random = createRandom(seed);
      const path = await filePlace();
      const journals = await mkdtemp(join(tmpdir(), 'latchkey-journals-'));
      onTestFinished(() => rm(journals, { recursive: true, force: true }));
      const store = fileStore(path, encrypt ? { encrypt } : {});
      const refresh = refreshTokenGrant({ issuer: idp.issuer, clientId: 'spa' });
      const signIn = async () => {
        const session = createSession({ store, refresh });
        await session.signIn(await idp.signIn());
        await session.close();
      };
      await signIn();
      const from = idp.postings.length;
      const revokedBefore = idp.counts.familiesRevoked;
      const postings = () => idp.postings.slice(from);
      const everyone: Actor[] = [];
      const start = () => {
        const keys = !encrypt ? '' : everyone.length % 2 ? inBase64(old, fresh) : inBase64(fresh, old);
        const actor = new Actor({ path, issuer: idp.issuer, journals, keys }, `process-${everyone.length}`);
        everyone.push(actor);
        return actor;
      };
      const actors = Array.from({ length: PROCESSES }, start);
      const sleeping: Promise<void>[] = [];
      let longStops = 0;
      const act = (i: number, weights: { nothing: number; kill: number; stop: number; long: number }) => {
        const actor = actors[i] as Actor;
        const what = random.weighted(weights);
        if (what === 'kill') {
          actor.kill();
          actors[i] = start();
        }
        if (what === 'stop') sleeping.push(actor.sleep(100 + random.int(900)));
        if (what === 'long' && !actors.some((other) => other.sleeping)) {
          longStops++;
          sleeping.push(actor.sleep(LONG_PAUSE_MS + 2_000 + random.int(1_500)));
        }
      };
      let between = 0;
      // As soon as the answer is on its way: what it holds is not saved yet.
      idp.settings.answered = (by) => {
        const i = actors.findIndex(({ name }) => name === by);
        if (i < 0 || random.int(40) > 0) return;
        between++;
        act(i, { nothing: 0, kill: 8, stop: 8, long: 1 });
      };
      const done = () => postings().filter(({ status }) => status === 200).length;
      const began = Date.now();
      let signIns = 0;
      try {
        while (done() < REFRESHES && Date.now() - began < LIMIT_MS) {
          await sleep(30 + random.int(200));
          // Never a part of a record, whoever is killed while writing.
          const found = await store.load();
          expect(found?.boundTo).toBe(refresh.boundTo);
          if (found?.ended) {
            signIns++;
            await signIn();
          }
          act(random.int(PROCESSES), { nothing: 140, kill: 20, stop: 80, long: 1 });
        }
        idp.settings.answered = undefined;
        await Promise.all(sleeping);
        await Promise.all(actors.map((actor) => actor.stop()));
        const lives = everyone.map((actor) => actor.life());
        const causes = causesOf(postings(), lives);
        const of = (cause: string) => causes.filter((found) => found === cause).length;
        const calls = lives.flatMap(callsOf);
        const longest = Math.max(...calls.map(({ ms }) => ms));
        const failed = calls.filter(({ how }) => how !== 'refreshed' && how !== 'signed-out');
        const stops = everyone.flatMap((actor) => actor.stops);
        const reuses = idp.counts.familiesRevoked - revokedBefore;
        console.info(
          `${done()} refreshes by ${everyone.length} processes in ${Date.now() - began} ms; ` +
            `${everyone.filter(({ killed }) => killed).length} killed, ${stops.length} times stopped, ` +
            `${longStops} of them for longer than a turn lasts, ${between} of both as soon as the server had answered; ` +
            `${reuses} reuses seen by the server: ${of('kill')} by a kill before the save, ${of('pause')} by a long stop, ` +
            `${of('unexplained')} unexplained; ${signIns} sign-ins again; ${failed.length} of ${calls.length} calls failed; ` +
            `longest wait ${longest} ms`,
        );
        expect(of('unexplained')).toBe(0);
        // What the server saw, and nothing that it took twice.
        expect(causes).toHaveLength(reuses);
        expect(done()).toBeGreaterThanOrEqual(REFRESHES);
        expect(everyone.some(({ killed }) => killed)).toBe(true);
        expect(longest).toBeLessThan(LONGEST_WAIT_MS + SLACK_MS);
        // Nothing fails but behind one who was stopped for longer than a turn lasts, by a machine without time too.
        const gaps = lives.flatMap(({ journal }) => journal.filter(({ what }) => what === 'gap'));
        const long = [...stops, ...gaps.filter((gap) => 'to' in gap)].filter(
          ({ at, to }) => (to ?? 0) - at > 2_500,
        );
        expect(
          long.length === 0 ? failed : failed.filter(({ how }) => !how.startsWith('unavailable')),
        ).toEqual([]);
        expect(lives.flatMap(({ journal }) => journal.filter(({ what }) => what === 'broken'))).toEqual([]);
        const left = await readdir(dirname(path));
        expect(left.filter((name) => !/^session\.json(\.(save|turn)(-[\w-]+)?)?$/.test(name))).toEqual([]);
      } finally {
        idp.settings.answered = undefined;
        for (const actor of actors) actor.kill();
        await Promise.all(everyone.map(({ gone }) => gone));
      }
    },
    LIMIT_MS + 60_000,
  );
});
