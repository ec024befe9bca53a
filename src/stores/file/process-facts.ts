import { readFile, readlink } from 'node:fs/promises';

/** A process, as far as others can tell whether it is alive; without /proc only by its lease. */
export interface Holder {
  readonly pid: number;
  /** Of the running kernel: a pid of another boot, or of another machine, says nothing. */
  readonly boot?: string | undefined;
  /** The namespace that the pid counts in. */
  readonly namespace?: string | undefined;
  /** In clock ticks since the boot: a pid is given to other processes later. */
  readonly start?: string | undefined;
}

let facts: Promise<Holder> | undefined;

export function thisProcess(): Promise<Holder> {
  facts ??= gather();
  return facts;
}

/** What a holder's file says. */
export function holderOf(text: string): Holder | undefined {
  try {
    const { pid, boot, namespace, start } = JSON.parse(text) as Record<string, unknown>;
    if (!Number.isSafeInteger(pid) || (pid as number) < 1) return undefined;
    return { pid: pid as number, boot: known(boot), namespace: known(namespace), start: known(start) };
  } catch {
    return undefined;
  }
}

/** True only where it is proven: the same kernel and namespace, and no such process, or a later one of that pid. */
export async function isDead(holder: Holder): Promise<boolean> {
  const { pid, boot, namespace, start } = holder;
  const self = await thisProcess();
  if (!boot || boot !== self.boot || !namespace || namespace !== self.namespace || !start) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ESRCH') return true;
  }
  // /proc may hide the processes of other users: what cannot be read proves nothing.
  const seen = await statOf(pid);
  return seen !== undefined && (seen.start !== start || /[ZXx]/.test(seen.state));
}

async function gather(): Promise<Holder> {
  const { pid } = process;
  const [boot, namespace, seen] = await Promise.all([
    quietly(readFile('/proc/sys/kernel/random/boot_id', 'utf8')),
    quietly(readlink('/proc/self/ns/pid')),
    statOf(pid),
  ]);
  return { pid, boot: boot?.trim(), namespace, start: seen?.start };
}

/** proc(5): the command, in parentheses, may hold anything; `state` is field 3 and `starttime` field 22. */
async function statOf(pid: number): Promise<{ state: string; start: string } | undefined> {
  const text = await quietly(readFile(`/proc/${pid}/stat`, 'utf8'));
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields?.[0], fields?.[19]];
  return state && start ? { state, start } : undefined;
}

const known = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

const quietly = <T>(work: Promise<T>): Promise<T | undefined> => work.catch(() => undefined);
