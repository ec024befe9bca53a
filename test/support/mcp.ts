import type { IncomingMessage, ServerResponse } from 'node:http';
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import {
  getOAuthProtectedResourceMetadataUrl,
  mcpAuthMetadataRouter,
} from '@modelcontextprotocol/sdk/server/auth/router.js';
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { ReferenceProvider } from './oidc/index.ts';
import { listen } from './oidc/loopback.ts';

/** A Model Context Protocol server of the official SDK whose users the provider signs in; it has one tool, whoami. */
export async function startMcpServer(of: { idp: ReferenceProvider; named?: boolean; scopes?: string[] }) {
  const { server, origin, stop } = await listen();
  const url = new URL(`${origin}/mcp`);
  const seen: string[] = [];
  const app = createMcpExpressApp();
  app.use((request: { method: string; url: string }, _: unknown, next: () => void) => {
    seen.push(`${request.method} ${request.url}`);
    next();
  });
  const { issuer } = of.idp;
  app.use(
    mcpAuthMetadataRouter({
      oauthMetadata: {
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        response_types_supported: ['code'],
      },
      resourceServerUrl: url,
      scopesSupported: ['read'],
    }),
  );
  const auth = requireBearerAuth({
    verifier: {
      async verifyAccessToken(token) {
        const found = await of.idp.provider.AccessToken.find(token);
        if (!found || found.aud !== url.href) throw new InvalidTokenError('unknown, or for another resource');
        return {
          token,
          clientId: found.clientId,
          scopes: (found.scope ?? '').split(' '),
          expiresAt: found.exp,
        };
      },
    },
    requiredScopes: of.scopes ?? ['read'],
    ...(of.named !== false && { resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(url) }),
  });
  app.all('/mcp', auth, async (request: IncomingMessage & { body?: unknown }, response: ServerResponse) => {
    const mcp = new McpServer({ name: 'test', version: '1.0.0' });
    mcp.registerTool('whoami', { description: 'Who asks' }, ({ authInfo }) => ({
      content: [{ type: 'text', text: `${authInfo?.clientId} ${authInfo?.scopes.join(' ')}` }],
    }));
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined } as never);
    await mcp.connect(transport as never);
    await transport.handleRequest(request, response, request.body);
  });
  server.on('request', app);
  return { url, seen, stop };
}
