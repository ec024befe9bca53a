interface Cookie {
  readonly host: string;
  readonly path: string;
  readonly value: string;
}

/** The cookies of the phone (RFC 6265), as far as a test server sets them: name, value and Path, of one host. */
export class Cookies {
  readonly #kept = new Map<string, Cookie>();

  set(url: string, lines: readonly string[]): void {
    const { hostname: host, pathname } = new URL(url);
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^=;]*)=([^;]*)/.exec(line) ?? [];
      const path = /;\s*path=([^;]*)/i.exec(line)?.[1] ?? pathname.replace(/\/[^/]*$/, '/');
      const isOver = /;\s*max-age=0*(?:;|$)/i.test(line);
      const key = `${host} ${path} ${name}`;
      if (isOver) this.#kept.delete(key);
      else this.#kept.set(key, { host, path, value: `${name}=${value}` });
    }
  }

  /** The value of the Cookie field; undefined: none is to be sent. */
  get(url: string): string | undefined {
    const { hostname, pathname } = new URL(url);
    const sent = [...this.#kept.values()].filter(
      ({ host, path }) => host === hostname && pathname.startsWith(path),
    );
    return sent.length === 0 ? undefined : sent.map(({ value }) => value).join('; ');
  }
}
