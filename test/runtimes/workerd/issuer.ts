import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves the metadata of an authorization server (RFC 8414, section 3), when it is let. */
export interface Issuer {
  readonly url: string;
  /** Answers wait from now on. */
  hold(): void;
  release(): void;
  /** Resolves as soon as it was asked so often. */
  until(n: number): Promise<void>;
  close(): Promise<void>;
}

export async function startIssuer(tokenEndpoint: string): Promise<Issuer> {
  let asked = 0;
  let isHeld = false;
  let waiting: (() => void)[] = [];
  const server = createServer((_, response) => {
    asked++;
    const answer = () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ issuer: url, token_endpoint: tokenEndpoint }));
    };
    if (isHeld) waiting.push(answer);
    else answer();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    hold() {
      isHeld = true;
    },
    release() {
      isHeld = false;
      for (const answer of waiting) answer();
      waiting = [];
    },
    async until(n) {
      while (asked < n) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
