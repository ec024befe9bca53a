import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthFetch, createSession } from '../../src/index.js';
import { type DiscoverOptions, discover } from '../../src/oauth/index.js';
import { startMcpServer } from '../support/mcp.ts';
import { Browser, type ReferenceProvider, startProvider } from '../support/oidc/index.ts';

let idp: ReferenceProvider;
const servers: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  idp = await startProvider({ accessTokenTtl: 60 });
  servers.push(idp);
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

async function connected(of: { client?: DiscoverOptions['client']; named?: boolean } = {}) {
  const { client = { register: { client_name: 'my agent' } }, ...how } = of;
  const server = await startMcpServer({ idp, ...how });
  servers.push(server);
  const redirectUri = `${idp.issuer}/callback`;
  const asked: URL[] = [];
  const session = createSession({
    ...discover(server.url, {
      client,
      redirectUri,
      authorize: ({ url }) => {
        asked.push(new URL(url));
        return new Browser().until(url, redirectUri);
      },
    }),
  });
  const mcp = new Client({ name: 'agent', version: '1.0.0' });
  const fetch = createAuthFetch({ origins: server.url, auth: session });
  await mcp.connect(new StreamableHTTPClientTransport(server.url, { fetch }) as never);
  return { server, session, mcp, asked };
}

describe('discover at a Model Context Protocol server', () => {
  it.each([
    ['its challenge names', true],
    ['stand at the well-known place', false],
  ])('needs its URL alone where the metadata %s: registers, signs in, calls, refreshes', async (_, named) => {
    const before = { ...idp.counts };
    const { server, session, mcp, asked } = await connected({ named });
    const said = await mcp.callTool({ name: 'whoami' });
    expect(said).toMatchObject({ content: [{ type: 'text', text: expect.stringMatching(/^\S+ read$/) }] });
    expect(asked.map(({ searchParams }) => Object.fromEntries(searchParams))).toMatchObject([
      {
        resource: server.url.href,
        scope: 'read offline_access',
        prompt: 'consent',
        code_challenge_method: 'S256',
      },
    ]);
    expect(server.seen.filter((line) => line.includes('oauth-protected-resource'))).toHaveLength(1);
    expect(idp.counts.tokenRequests - before.tokenRequests).toBe(1);

    idp.expireAccessTokens();
    expect(await mcp.callTool({ name: 'whoami' })).toMatchObject({ content: [{ type: 'text' }] });
    expect([idp.counts.tokenRequests - before.tokenRequests, asked.length]).toEqual([2, 1]);
    await mcp.close();
    await session.close();
  });

  it('signs in again, with the same registration, where the grant has ended', async () => {
    const { session, mcp, asked } = await connected();
    idp.revokeAll();
    await expect(mcp.callTool({ name: 'whoami' })).rejects.toThrow();
    await session.signIn();
    expect(await mcp.callTool({ name: 'whoami' })).toMatchObject({ content: [{ type: 'text' }] });
    const clients = asked.map(({ searchParams }) => searchParams.get('client_id'));
    expect([clients.length, new Set(clients).size]).toEqual([2, 1]);
    await mcp.close();
  });

  it('uses a client that the server knows', async () => {
    const { mcp, asked } = await connected({ client: { clientId: 'spa' } });
    expect(await mcp.callTool({ name: 'whoami' })).toMatchObject({ content: [{ text: 'spa read' }] });
    expect(asked[0]?.searchParams.get('client_id')).toBe('spa');
    await mcp.close();
  });
});
