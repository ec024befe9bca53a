/** A session of WebDriver (W3C), as far as a page that runs a script needs one. */
export interface DriverSession {
  open(url: string): Promise<void>;
  /** The body of an async function of `given`; what it gives, which is JSON. */
  run(script: string, given: unknown): Promise<unknown>;
  end(): Promise<void>;
}

export interface SessionOptions {
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** How long a script may run, in milliseconds. */
  readonly scriptMs: number;
}

export async function startSession(driver: string, options: SessionOptions): Promise<DriverSession> {
  const { capabilities, scriptMs } = options;
  const opened = await ask(`${driver}/session`, 'POST', { capabilities: { alwaysMatch: capabilities } });
  const session = `${driver}/session/${(opened as { sessionId: string }).sessionId}`;
  await ask(`${session}/timeouts`, 'POST', { script: scriptMs });
  return {
    async open(url) {
      await ask(`${session}/url`, 'POST', { url });
    },
    async run(script, given) {
      const outcome = await ask(`${session}/execute/async`, 'POST', {
        script: `const [given, done] = arguments;
          (async () => { ${script} })().then(
            (value) => done({ value }),
            (error) => done({ error: String(error) }),
          );`,
        args: [given],
      });
      const { value, error } = outcome as { value: unknown; error?: string };
      if (error !== undefined) throw new Error(error);
      return value;
    },
    async end() {
      await ask(session, 'DELETE');
    },
  };
}

async function ask(url: string, method: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { value } = (await response.json()) as { value: unknown };
  if (response.ok) return value;
  const { error, message } = value as { error: string; message: string };
  throw new Error(`${method} ${url}: ${error}: ${message}`);
}
