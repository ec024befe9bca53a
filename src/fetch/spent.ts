import type { Call } from './call.js';

/** Whether the refused body can be sent no more: too much of it has passed to keep it. */
export function isSpent(call: Call): boolean | Promise<boolean> {
  const { rest, request, corridor } = call;
  if (!rest) return false;
  if (rest.payload !== undefined) return rest.payload.spent;
  if (request === undefined || !rest.single) return false;
  const { kept } = rest;
  if (kept === undefined) return true;
  return isLongStream(kept, corridor.maxReplayBytes).then((long) => {
    if (!long) return false;
    kept.body?.cancel().catch(() => {});
    rest.kept = undefined;
    return true;
  });
}

/** Counts what a Request's copy has gathered so far; one chunk alone was no stream. */
async function isLongStream(request: Request, limit: number): Promise<boolean> {
  const reader = request.clone().body?.getReader();
  if (reader === undefined) return false;
  let size = 0;
  let chunks = 0;
  for (;;) {
    const step = await Promise.race([reader.read(), soon()]);
    if (step === undefined || step.done) break;
    size += step.value.byteLength;
    chunks++;
    if (size > limit && chunks > 1) break;
  }
  reader.cancel().catch(() => {});
  return size > limit && chunks > 1;
}

function soon(): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), 0);
  });
}
