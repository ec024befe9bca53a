import type { Attempt } from '../protocol/attempt.js';
import type { Target } from '../schemes/scheme.js';
import type { Aside } from './aside.js';
import type { Call } from './call.js';
import { type Lines, lineOf, linesOf, withoutNames } from './headers.js';
import { isParams, type Payload, repeatable } from './repeatable.js';

/** What a call must remember beyond its first sending. */
export class Rest {
  /** Never pushed to: an array that grows takes room for seventeen, and a crowd may wait. */
  attempts: readonly Attempt[] = [];
  sendings: number;
  /** The body, unless a Request has it. */
  payload: Payload | undefined;
  /** A Request may have a body, and is not to be sent as it is more than once. */
  readonly single: boolean;
  /** What was set on a Request, unless the init says otherwise. */
  lines: Lines | undefined;
  /** The next Request to send. */
  kept: Request | undefined;
  /** Aborts a sending whose body may still be on its way. */
  brake: AbortController | undefined;
  /** The last sending's redirects were followed by hand. */
  byHand = false;
  /** The last response refuses like a 401, and not like a 403. */
  unauthorized = true;
  /** They left the origins: no credentials any more. */
  left = false;
  /** With several schemes: what each said when the call began, and its view of the call. */
  #begun: readonly unknown[] | undefined;
  #targets: Target[] | undefined;
  readonly #call: Call;

  constructor(call: Call, sendings: number) {
    this.#call = call;
    this.sendings = sendings;
    const { corridor, init, request, sent } = call;
    const body = init?.body;
    this.single = request !== undefined && !hasValue(body) && mayHaveBody(request);
    if (init === undefined) return;
    const own = { ...init };
    call.init = own;
    // a call that was plain enough to be sent without this: its init is what was sent
    if (own.headers) own.headers = withoutNames(linesOf(own.headers), Object.keys(sent?.headers ?? {}));
    if (hasValue(body) && (corridor.replays || isParams(body))) this.grasp();
  }

  /** Every scheme's view of the call: its own `begun`. */
  begin(): void {
    const { schemes } = this.#call.corridor;
    this.#call.begun = schemes[0]?.begin?.();
    if (schemes.length > 1)
      this.#begun = schemes.map((scheme, i) => (i > 0 ? scheme.begin?.() : this.#call.begun));
  }

  target(scheme: number): Target {
    const call = this.#call;
    if (call.corridor.schemes.length === 1) return call;
    this.#targets ??= [];
    this.#targets[scheme] ??= Object.create(call, { begun: { value: this.#begun?.[scheme] } }) as Target;
    return this.#targets[scheme];
  }

  /** Takes hold of the body of the init, which is otherwise handed on as it is. */
  grasp(): Payload | undefined {
    const call = this.#call;
    const { lines } = call;
    const { body, ...own } = call.init ?? {};
    if (this.payload !== undefined || !hasValue(body)) return this.payload;
    this.payload = repeatable(body, call.corridor.maxReplayBytes);
    call.init = own;
    const type = this.payload.contentType;
    // text has replaced URLSearchParams: fetch can no longer see what it was
    if (type !== undefined && isParams(body) && lineOf(lines, 'content-type') === undefined) {
      own.headers = { ...lines, 'Content-Type': type };
    }
    return this.payload;
  }

  /** A copy of the Request's body is kept, as long as none was sent. */
  keepCopy(request: Request): Request | undefined {
    if (!this.single || request.bodyUsed) return this.kept;
    const declared = Number(this.lines?.['content-length'] ?? 0);
    if (!(declared > this.#call.corridor.maxReplayBytes)) this.kept ??= request.clone();
    return this.kept;
  }

  /** Ends the sending whose refusal is delivered, once what is kept of that has been read. */
  end(aside: Aside): void {
    const { brake } = this;
    if (brake !== undefined) aside.done.then(() => brake.abort());
  }

  /** Ends the sending that was refused; its response is set aside. */
  stop(aside: Aside): void {
    this.payload?.supersede();
    // of a Request nobody can say whether its body has arrived: what is finished is not disturbed
    if (this.payload?.unfinished) this.brake?.abort();
    else this.end(aside);
    this.brake = undefined;
  }
}

function hasValue<T>(body: T): body is T & {} {
  return body !== undefined && body !== null;
}

function mayHaveBody(request: Request): boolean {
  const { method } = request;
  return method !== 'GET' && method !== 'HEAD' && request.body !== null;
}
