/** The cookies of a request: what it brought, and what was set since. */
export class Jar {
  readonly #brought: ReadonlyMap<string, string>;
  readonly #set = new Map<string, { value: string; options: Readonly<Record<string, unknown>> }>();

  constructor(request: Request) {
    const pairs = (request.headers.get('cookie') ?? '').split('; ').filter(Boolean);
    this.#brought = new Map(
      pairs.map((pair) => {
        const [name = '', value = ''] = pair.split(/=(.*)/s);
        return [name, decodeURIComponent(value)];
      }),
    );
  }

  get(name: string): string | undefined {
    const { value, options } = this.#set.get(name) ?? {};
    return options?.['maxAge'] === 0 ? undefined : (value ?? this.#brought.get(name));
  }

  set(name: string, value: string, options: object = {}): void {
    this.#set.set(name, { value, options: { ...options } });
  }

  /** One `Set-Cookie` for each that was set. */
  get lines(): string[] {
    return [...this.#set].map(([name, { value, options }]) => line(name, value, options));
  }
}

/** A cookie as `Set-Cookie` has it (RFC 6265, section 4.1.1). */
export function line(name: string, value: string, options: Readonly<Record<string, unknown>>): string {
  const { path = '/', maxAge, httpOnly, secure, sameSite } = options;
  return [
    `${name}=${encodeURIComponent(value)}`,
    `Path=${path}`,
    ...(maxAge === undefined ? [] : [`Max-Age=${maxAge}`]),
    ...(httpOnly ? ['HttpOnly'] : []),
    ...(secure ? ['Secure'] : []),
    ...(sameSite ? [`SameSite=${sameSite}`] : []),
  ].join('; ');
}

/** What a browser keeps of the cookies that responses set. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  /** The `Cookie` header. */
  get header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), Cookie: this.header };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (/; Max-Age=0(;|$)/.test(cookie)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }
}
