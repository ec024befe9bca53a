import { describe, expect, it } from 'vitest';
import { resourceMetadata } from '../../src/oauth/resource-metadata.js';

/** The places that are asked, in order, where none of them has a document. */
async function asked(resource: string): Promise<string[]> {
  const urls: string[] = [];
  const fetch = (url: unknown) => {
    urls.push(String(url));
    return Promise.resolve(new Response(null, { status: urls.length === 1 ? 401 : 404 }));
  };
  const context = { fetch, signal: new AbortController().signal } as never;
  await expect(resourceMetadata(resource, context)).rejects.toThrow('does not say who authorizes');
  return urls.slice(1);
}

describe('resourceMetadata', () => {
  const root = 'https://api.example.com/.well-known/oauth-protected-resource';

  it.each([
    ['https://api.example.com', [root]],
    ['https://api.example.com/', [root]],
    ['https://api.example.com/mcp', [`${root}/mcp`, root]],
    ['https://api.example.com/mcp/', [`${root}/mcp/`, root]],
    ['https://api.example.com/mcp?a=b', [`${root}/mcp?a=b`, root]],
    ['https://api.example.com?a=b', [`${root}?a=b`, root]],
    // RFC 9728, section 3.1: the slash that ends the host is removed.
    ['https://api.example.com/?a=b', [`${root}?a=b`, root]],
  ])('looks for the metadata of %s at the well-known places', async (resource, urls) => {
    expect(await asked(resource)).toEqual(urls);
  });
});
