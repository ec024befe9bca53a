import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refreshTokenGrant } from '../../src/oauth/refresh-token.js';
import { createSession } from '../../src/session/session.js';
import { fileStore } from '../../src/stores/file/file-store.js';
import { createRandom } from '../simulation/random.ts';
import { type ReferenceProvider, startProvider } from '../support/oidc/index.ts';
import { filePlace } from './file-place.ts';
import { Actor, unexplained } from './file-processes.ts';

// A longer run: LATCHKEY_FILE_REFRESHES=5000 npx vitest run test/stores/file-processes.test.ts
const REFRESHES = Number(process.env['LATCHKEY_FILE_REFRESHES'] ?? 200);
const LIMIT_MS = 20_000 + REFRESHES * 100;
const PROCESSES = 4;
const LEASE_MS = 7_000;
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

let idp: ReferenceProvider;
beforeAll(async () => {
  idp = await startProvider({ accessTokenTtl: 1 });
});
afterAll(() => idp.stop());

describe('fileStore', () => {
  it(
    'shares one sign-in among processes that are killed and stopped: no refresh token is spent twice but for a kill',
    async () => {
      const seed = Number(process.env['LATCHKEY_SEED'] ?? Date.now() % 1_000_000_000);
      console.info(`seed ${seed}`);
      const random = createRandom(seed);
      const path = await filePlace();
      const store = fileStore(path);
      const refresh = refreshTokenGrant({ issuer: idp.issuer, clientId: 'spa' });
      const signIn = async () => {
        const session = createSession({ store, refresh });
        await session.signIn(await idp.signIn());
        await session.close();
      };
      await signIn();
      const { postings } = idp;
      const killed = new Set<string>();
      let started = 0;
      const start = () => new Actor(path, idp.issuer, `process-${++started}`);
      const actors = Array.from({ length: PROCESSES }, start);
      const done = () => postings.filter(({ status }) => status === 200).length;
      const began = Date.now();
      let signIns = 0;
      let sleeps = 0;
      const sleeping: Promise<void>[] = [];
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
          const i = random.int(PROCESSES);
          const actor = actors[i] as Actor;
          const what = random.weighted({ nothing: 6, kill: 2, stop: 4 });
          if (what === 'kill') {
            actor.kill();
            killed.add(actor.name);
            actors[i] = start();
          }
          if (what === 'stop') {
            sleeps++;
            sleeping.push(actor.sleep(100 + random.int(900)));
          }
        }
        await Promise.all(sleeping);
        const reports = await Promise.all(actors.map((actor) => actor.stop()));
        const reuses = idp.counts.familiesRevoked;
        console.info(
          `${done()} refreshes by ${started} processes in ${Date.now() - began} ms; ${killed.size} killed, ` +
            `${sleeps} times stopped; ${reuses} reuses seen by the server, ${signIns} sign-ins again; ` +
            `longest wait ${Math.max(...reports.map(({ longestMs }) => longestMs)).toFixed(0)} ms`,
        );
        expect(unexplained(postings, killed)).toEqual([]);
        expect(done()).toBeGreaterThanOrEqual(REFRESHES);
        expect(killed.size).toBeGreaterThan(0);
        expect(reports.flatMap(({ failed }) => failed)).toEqual([]);
        for (const { longestMs } of reports) expect(longestMs).toBeLessThan(LEASE_MS);
        const left = await readdir(dirname(path));
        expect(left.filter((name) => !/^session\.json(\.(save|turn)(-[\w-]+)?)?$/.test(name))).toEqual([]);
      } finally {
        for (const actor of actors) actor.kill();
        await Promise.all(actors.map(({ gone }) => gone));
      }
    },
    LIMIT_MS + 20_000,
  );
});
