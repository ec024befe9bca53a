import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import pRetry from 'p-retry';

/** A process that is there until it is stopped, with those it starts. */
export interface Started {
  /** What it was started to give: a display, an address. */
  readonly at: string;
  stop(): Promise<void>;
}

/** A screen that nobody sees, under a number that is free. */
export async function startDisplay(program: string): Promise<Started> {
  const child = start(program, ['-displayfd', '1', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], {});
  const [number] = await Promise.race([once(child.stdout ?? child, 'data'), failureOf(child, program)]);
  return { at: `:${String(number).trim()}`, stop: () => stop(child) };
}

/** WebKit's driver, which speaks WebDriver's protocol at the address. */
export async function startDriver(program: string, env: Record<string, string>): Promise<Started> {
  const port = await freePort();
  const child = start(program, ['--host=127.0.0.1', `--port=${port}`], env);
  const at = `http://127.0.0.1:${port}`;
  const asked = pRetry(() => fetch(`${at}/status`), { retries: 50, minTimeout: 100, factor: 1 });
  try {
    await Promise.race([asked, failureOf(child, program)]);
  } catch (error) {
    await stop(child);
    throw error;
  }
  return { at, stop: () => stop(child) };
}

/** In a group of its own: what it starts ends with it. */
function start(program: string, args: readonly string[], env: Record<string, string>): ChildProcess {
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const kill = () => killGroup(child, 'SIGKILL');
  process.once('exit', kill);
  child.once('close', () => process.off('exit', kill));
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const ended = child.exitCode !== null || child.signalCode !== null ? undefined : once(child, 'exit');
  killGroup(child, 'SIGTERM');
  const late = setTimeout(() => killGroup(child, 'SIGKILL'), 3_000);
  await ended;
  clearTimeout(late);
  killGroup(child, 'SIGKILL');
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // it has ended
  }
}

async function failureOf(child: ChildProcess, program: string): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`${program} ended with ${code}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
