import type { Attempt } from '../protocol/attempt.js';
import type { Target } from '../schemes/scheme.js';
import type { Call } from './call.js';
import { copyLines, type Lines, lineOf, withLine, withoutNames } from './headers.js';
import { isParams, type Payload, repeatable } from './repeatable.js';
import type { Aside } from './set-aside.js';

/** What a call must remember beyond its first sending. */
export class Rest {
  readonly attempts: Attempt[] = [];
  sendings: number;
  /** The body, unless a Request has it. */
  payload: Payload | undefined;
  /** A Request may have a body, and is not to be sent as it is more than once. */
  readonly single: boolean;
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
  #begun: readonly unknown[];
  #targets: Target[] = [];
  readonly #call: Call;

  constructor(call: Call, sendings: number) {
    this.#call = call;
    this.sendings = sendings;
    this.#begun = [call.begun];
    const { corridor, init, request } = call;
    const { body, headers, ...others } = init ?? {};
    call.init = others;
    if (headers !== undefined && headers !== null) {
      const lines = copyLines(headers);
      // a call that was plain enough to be sent without this: its init is what was sent
      const written = Object.keys(call.sent?.headers ?? {});
      call.init.headers = (written.length === 0 ? lines : withoutNames(lines, written)) as HeadersInit;
    }
    this.single = request !== undefined && (body ?? undefined) === undefined && mayHaveBody(request);
    if (body !== undefined && body !== null) {
      if (corridor.replays || isParams(body)) this.payload = repeatable(body, corridor.maxReplayBytes);
      else call.init.body = body;
    }
    const type = this.payload?.contentType;
    // text has replaced URLSearchParams: fetch can no longer see what it was
    if (
      type?.startsWith('application/x-www-form-urlencoded') &&
      request?.headers.get('content-type') == null
    ) {
      const lines = call.init.headers as Lines | undefined;
      if (lineOf(lines, 'content-type') === undefined) {
        call.init.headers = withLine(lines, 'Content-Type', type) as HeadersInit;
      }
    }
  }

  /** Every scheme's view of the call: its own `begun`. */
  begin(): void {
    const { schemes } = this.#call.corridor;
    this.#begun = schemes.map((scheme) => scheme.begin?.());
    this.#call.begun = this.#begun[0];
  }

  target(scheme: number): Target {
    const call = this.#call;
    if (call.corridor.schemes.length === 1) return call;
    this.#targets[scheme] ??= Object.create(call, { begun: { value: this.#begun[scheme] } }) as Target;
    return this.#targets[scheme];
  }

  /** Takes hold of a body that was to be handed on as it is: somebody wants to read it. */
  grasp(): Payload | undefined {
    const call = this.#call;
    const { body, ...others } = call.init ?? {};
    if (this.payload === undefined && body !== undefined && body !== null) {
      this.payload = repeatable(body, call.corridor.maxReplayBytes);
      call.init = others;
    }
    return this.payload;
  }

  /** A copy of the Request's body is kept, as long as none was sent. */
  keepCopy(request: Request): Request | undefined {
    if (!this.single || request.bodyUsed) return this.kept;
    const declared = Number(request.headers.get('content-length') ?? 0);
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
    const { brake, payload } = this;
    this.brake = undefined;
    payload?.supersede();
    if (brake === undefined) return;
    if (payload?.unfinished) brake.abort();
    // of a Request nobody can say whether its body has arrived: what is finished is not disturbed
    else aside.done.then(() => brake.abort());
  }
}

function mayHaveBody({ method, body }: Request): boolean {
  return body !== null && method !== 'GET' && method !== 'HEAD';
}
