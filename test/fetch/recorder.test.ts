import { describe, expect, it, vi } from 'vitest';
import { Recorder, type Source } from '../../src/fetch/recorder.js';
import { deferred } from './support.js';

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

function sourceOf(
  ...chunks: unknown[]
): Source & { cancel: ReturnType<typeof vi.fn<(reason: unknown) => void>> } {
  const next = async () => (chunks.length === 0 ? { done: true } : { value: chunks.shift() as Uint8Array });
  return { next, cancel: vi.fn() };
}

const bytesOf = (data: string) => new TextEncoder().encode(data);

describe('Recorder', () => {
  it('passes on the failure of its source, and cannot be sent again', async () => {
    const recorder = new Recorder({ next: () => Promise.reject(new Error('source')), cancel: () => {} }, 10);
    await expect(new Response(recorder.next()).text()).rejects.toThrow('source');
    expect(recorder.spent).toBe(true);
  });

  it('refuses chunks that are no bytes', async () => {
    const recorder = new Recorder(sourceOf({}), 10);
    await expect(new Response(recorder.next()).text()).rejects.toThrow(/Uint8Array/);
  });

  it('passes everything on, and drops what it kept, when it is more than the limit', async () => {
    const recorder = new Recorder(sourceOf(bytesOf('abc'), bytesOf('def'), bytesOf('g')), 5);
    expect(await new Response(recorder.next()).text()).toBe('abcdefg');
    expect(recorder.spent).toBe(true);
    expect(recorder.unfinished).toBe(false);
  });

  it('cancels the source with the sending that is fed, and not with one that was superseded', async () => {
    const source = sourceOf(bytesOf('a'));
    const recorder = new Recorder(source, 10);
    const first = recorder.next();
    const second = recorder.next();
    await first.cancel('first');
    expect(source.cancel).not.toHaveBeenCalled();
    await second.cancel('second');
    expect(source.cancel).toHaveBeenCalledWith('second');
  });

  it('ends a sending that still waits for the source, whose next chunk goes to the next sending', async () => {
    const chunk = deferred<{ value: Uint8Array }>();
    const steps = [{ value: bytesOf('a') }, chunk.promise, { done: true }];
    const recorder = new Recorder(
      { next: async () => steps.shift() as { done: true }, cancel: () => {} },
      10,
    );
    const reader = recorder.next().getReader();
    expect(text((await reader.read()).value)).toBe('a');
    const waiting = reader.read();
    recorder.supersede();
    await expect(waiting).rejects.toThrow('refused');
    const replay = new Response(recorder.next()).text();
    chunk.resolve({ value: bytesOf('b') });
    expect(await replay).toBe('ab');
    expect(await new Response(recorder.next()).text()).toBe('ab');
  });

  it('keeps copies: the producer may use its buffer again, and a consumer may change what it got', async () => {
    const buffer = bytesOf('abc');
    const recorder = new Recorder(sourceOf(buffer, 'text'), 10);
    const reader = recorder.next().getReader();
    (await reader.read()).value?.fill(0);
    buffer.fill(0);
    while (!(await reader.read()).done);
    expect(await new Response(recorder.next()).text()).toBe('abctext');
  });
});
