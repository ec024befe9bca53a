import { createHash } from 'node:crypto';

/** What a program under test is given for a network. */
export interface Network {
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** How often each place was asked, by origin and path. */
  requests(): Record<string, number>;
}

const challenge = (text: string) =>
  new Response('{}', { status: 401, headers: { 'WWW-Authenticate': text } });
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** An API, a camera and a token endpoint. */
export function network(): Network {
  const counts: Record<string, number> = {};
  return {
    requests: () => ({ ...counts }),
    async fetch(input, init) {
      const request = new Request(input, init);
      const { origin, pathname } = new URL(request.url);
      const place = `${new URL(origin).hostname.split('.')[0]}${pathname}`;
      counts[place] = (counts[place] ?? 0) + 1;
      if (place === 'id/token') return token(request);
      if (place.startsWith('id/')) return new Response(null, { status: 401 });
      return place.startsWith('camera/') ? camera(request) : api(request, pathname);
    },
  };
}

async function token(request: Request): Promise<Response> {
  const form = new URLSearchParams(await request.text());
  const proved = request.headers.has('DPoP');
  if (form.get('grant_type') === 'refresh_token' && form.get('refresh_token') !== 'r1')
    return Response.json({ error: 'invalid_grant' }, { status: 400 });
  return Response.json({
    access_token: proved ? 'bound' : 'new',
    token_type: proved ? 'DPoP' : 'Bearer',
    expires_in: 300,
    ...(proved ? {} : { refresh_token: 'r2' }),
  });
}

function api(request: Request, path: string): Response {
  const [scheme, given = ''] = (request.headers.get('Authorization') ?? '').split(' ');
  const parts = request.headers.get('DPoP')?.split('.').length;
  if (scheme === 'Bearer' && given === 'new') return Response.json({ path, token: given });
  if (scheme === 'DPoP' && given === 'bound' && parts === 3) return Response.json({ path, token: given });
  return challenge('Bearer realm="api", error="invalid_token"');
}

/** Digest of RFC 7616, section 3.4, with SHA-256 and `auth`. */
function camera(request: Request): Response {
  const given = request.headers.get('Authorization') ?? '';
  const part = (name: string) => new RegExp(`\\b${name}="?([^",]*)`).exec(given)?.[1] ?? '';
  const ha1 = sha256('Mufasa:yard:Circle of Life');
  const ha2 = sha256(`GET:${part('uri')}`);
  const right = sha256(`${ha1}:n:${part('nc')}:${part('cnonce')}:auth:${ha2}`);
  return part('response') === right
    ? new Response('picture')
    : challenge('Digest realm="yard", nonce="n", algorithm=SHA-256, qop="auth"');
}
