import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileStore } from '../../src/stores/file/index.js';
import { startServer } from '../runtimes/server.ts';
import { cases, exceptionFor, exceptions, features, runCases, runtimeNames, toolsFor } from './index.ts';

const server = await startServer();
const folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
const store = (place: string) => fileStore(join(folder, `${place}.json`));
const tools = await toolsFor({ runtime: 'node-24', control: server.control, store });
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

// The same cases that test/runtimes runs with the packed package, here over src: what breaks one is seen at once.
describe('latchkey, in every runtime', () => {
  const here = cases.filter((one) => !exceptionFor('node-24', one));
  it.each(here.map((one) => [one.group, one.name, one] as const))('%s: %s', (_, __, one) => one.run(tools));
});

describe('the behaviour suite', () => {
  it('names every case once', () => {
    const names = cases.map(({ group, name }) => `${group}: ${name}`);
    expect(names.length).toBeGreaterThan(100);
    expect(new Set(names).size).toBe(names.length);
  });

  it('runs no case but in turn, and tells what failed', async () => {
    const report = await runCases(tools, { only: 'Basic: ', version: '1', skip: () => undefined });
    expect(report).toEqual({ runtime: 'node-24', version: '1', passed: 4, failed: [], skipped: [] });
    const broken = { ...tools, server: { realm: () => Promise.reject(new Error('no server')) } };
    const { passed, failed } = await runCases(broken, { only: 'Basic: ' });
    expect(passed).toBe(0);
    expect(failed.map(({ name }) => name.slice(0, 7))).toEqual(Array(4).fill('Basic: '));
    expect(failed[0]?.error).toMatch(/^Error: no server\n/);
  });
});

describe('exceptions', () => {
  const names = cases.map(({ name }) => name);

  it('name a case or a feature that exists, runtimes that exist, and a reason', () => {
    expect(exceptions.length).toBeGreaterThan(0);
    for (const { in: places, lacks, case: name, reason } of exceptions) {
      expect(places.length, reason).toBeGreaterThan(0);
      expect(runtimeNames).toEqual(expect.arrayContaining([...places]));
      expect(
        [lacks, name].filter((given) => given !== undefined),
        reason,
      ).toHaveLength(1);
      if (name !== undefined) expect(names).toContain(name);
      if (lacks !== undefined) expect(Object.keys(features)).toContain(lacks);
      expect(reason.length).toBeGreaterThan(10);
    }
  });

  it('are of features that some case needs', () => {
    const needed = new Set(cases.flatMap(({ needs = [] }) => needs));
    expect([...needed].sort()).toEqual(Object.keys(features).sort());
  });

  it('leave no case without a runtime', () => {
    const homeless = cases.filter((one) => runtimeNames.every((name) => exceptionFor(name, one)));
    expect(homeless).toEqual([]);
  });

  it('that are not needed fail the run: what is said to be missing is looked for', async () => {
    const elsewhere = { ...tools, runtime: 'firefox' } as const;
    const { failed, skipped } = await runCases(elsewhere, { only: 'a stream is kept while it is sent' });
    expect(skipped).toHaveLength(1);
    expect(failed.map(({ name, error }) => `${name}: ${error}`)).toEqual([
      expect.stringMatching(/^exceptions: cors: missing, and nobody says so$/),
      expect.stringMatching(/^bodies: a stream is kept .*: it holds here: take it out of exceptions.ts/),
    ]);
  });
});
