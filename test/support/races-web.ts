/** One sending as a fetch below saw it. */
export interface Sending {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly redirect: RequestInit['redirect'];
  readonly credentials: RequestInit['credentials'];
  /** The bytes as text; undefined: no body. */
  readonly body: string | undefined;
}

type Answer = (sending: Sending, n: number) => Response | Promise<Response>;

/** A fetch below that answers by a table or a function, and keeps what it was sent. */
export function web(answer: Answer | Readonly<Record<string, () => Response | Promise<Response>>>) {
  const sendings: Sending[] = [];
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = typeof input === 'object' && 'headers' in input ? input : undefined;
    const url = request?.url ?? String(input);
    const body = init?.body ?? request?.body;
    const sending: Sending = {
      url,
      method: init?.method ?? request?.method ?? 'GET',
      headers: new Headers(init?.headers ?? request?.headers),
      redirect: init?.redirect ?? request?.redirect,
      credentials: init?.credentials ?? request?.credentials,
      body: body === undefined || body === null ? undefined : await new Response(body).text(),
    };
    sendings.push(sending);
    if (typeof answer === 'function') return answer(sending, sendings.length);
    const found = answer[url.replace(/[?#].*$/, '')];
    if (found === undefined) throw new TypeError(`nobody answers ${url}`);
    return found();
  };
  return { fetch, sendings };
}

/** A response as fetch gives it after redirects that it followed by itself. */
export function arrivedAt(url: string, response: Response, redirected = true): Response {
  return Object.defineProperties(response, { url: { value: url }, redirected: { value: redirected } });
}

export const refused = (headers?: Record<string, string>): Response =>
  new Response('why', { status: 401, ...(headers ? { headers } : {}) });

export const movedTo = (location: string, status = 302): Response =>
  new Response(null, { status, headers: { location } });
