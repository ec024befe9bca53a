import type { MaybePromise } from '../types.js';
import type { Call } from './call.js';

/** Whether the refused body can be sent no more: too much of it has passed to keep it. */
export function isSpent(call: Call): MaybePromise<boolean> {
  const { rest, request, corridor } = call;
  if (rest?.payload !== undefined || request === undefined || !rest?.single)
    return rest?.payload?.spent === true;
  const { kept } = rest;
  if (kept === undefined) return true;
  return isLongStream(kept, corridor.maxReplayBytes).then((isLong) => {
    if (isLong) {
      kept.body?.cancel().catch(() => {});
      rest.kept = undefined;
    }
    return isLong;
  });
}

/** Counts what a Request's copy has gathered so far; one chunk alone was no stream. */
async function isLongStream(request: Request, limit: number): Promise<boolean> {
  const reader = request.clone().body?.getReader();
  let size = 0;
  let chunks = 0;
  const isLong = () => size > limit && chunks > 1;
  while (reader !== undefined && !isLong()) {
    const step = await Promise.race([reader.read(), soon()]);
    if (!step?.value) break;
    size += step.value.byteLength;
    chunks++;
  }
  reader?.cancel().catch(() => {});
  return isLong();
}

function soon(): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
