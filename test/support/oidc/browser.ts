const maxHops = 12;

/** What a user's browser does: keeps cookies, follows redirects, and fills in the provider's forms. */
export class Browser {
  readonly #jar = new Map<string, string>();

  /** Follows redirects until one leads to this URL, which is not opened. */
  async until(from: string | URL, end: string): Promise<URL> {
    const { url, response } = await this.#go(from, {}, end);
    if (response) throw new Error(`stopped at ${url}: ${response.status} ${await response.text()}`);
    return url;
  }

  /** Decides on a page for devices (RFC 8628, section 3.3): its forms are the provider's own. */
  async decide(page: string, userCode: string, decision: 'confirm' | 'abort'): Promise<Response> {
    const form = await this.#page(page);
    const asked = await this.#page(page, { xsrf: hidden(form, 'xsrf'), user_code: userCode });
    const answer = { xsrf: hidden(asked, 'xsrf'), user_code: userCode, [decision]: 'yes' };
    const { response } = await this.#go(page, posted(answer));
    if (!response) throw new Error('the page led nowhere');
    return response;
  }

  /** Opens a page, and sends its form with its hidden fields and this button. */
  async submit(page: string, button: Record<string, string>, end: string): Promise<URL> {
    const form = await this.#page(page);
    const action = /action="([^"]+)"/.exec(form)?.[1] ?? '';
    const { url, response } = await this.#go(action, posted({ xsrf: hidden(form, 'xsrf'), ...button }), end);
    if (response) throw new Error(`stopped at ${url}: ${response.status}`);
    return url;
  }

  async #page(url: string, form?: Record<string, string>): Promise<string> {
    const { response } = await this.#go(url, form ? posted(form) : {});
    return (await response?.text()) ?? '';
  }

  async #go(from: string | URL, init: RequestInit, end?: string): Promise<{ url: URL; response?: Response }> {
    let url = new URL(from);
    let sent = init;
    for (let hop = 0; hop < maxHops; hop++) {
      const cookie = [...this.#jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { ...(sent.headers as Record<string, string>), cookie };
      const response = await fetch(url, { ...sent, redirect: 'manual', headers });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        this.#jar.set(name, value);
      }
      const location = response.headers.get('location');
      if (location === null) return { url, response };
      await response.body?.cancel();
      url = new URL(location, url);
      if (end !== undefined && url.href.startsWith(end)) return { url };
      sent = {};
    }
    throw new Error('too many redirects');
  }
}

function posted(form: Record<string, string>): RequestInit {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', headers, body: new URLSearchParams(form).toString() };
}

function hidden(page: string, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? '';
}
