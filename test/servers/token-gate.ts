import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ReferenceProvider } from '../support/oidc/index.ts';
import type { Post } from './fleet-account.ts';
import { clock } from './fleet-clock.ts';

/**
 * Hands token requests on to the provider, and remembers who posted which refresh token.
 *
 * @param answering Called when an answer is there and has not gone out.
 */
export async function tokenGate(provider: ReferenceProvider, answering: (post: Post) => void) {
  const posts: Post[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const token = new URLSearchParams(body).get('refresh_token') ?? '';
    const { 'x-turn': turn, 'x-sent': sent } = request.headers;
    const post: Post = { token, turn: String(turn), sent: Number(sent), at: clock() };
    posts.push(post);
    const type = 'application/x-www-form-urlencoded';
    const answer = await fetch(`${provider.issuer}/token`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    const text = await answer.text();
    post.status = answer.status;
    answering(post);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    posts,
    tokenEndpoint: `http://127.0.0.1:${port}/token`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
