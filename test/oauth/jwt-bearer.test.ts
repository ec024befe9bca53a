import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { jwtBearerGrant, type ProviderOptions } from '../../src/oauth/index.js';
import {
  authorizationServer,
  context,
  issuer,
  json,
  rejection,
  tokens,
  tokenUrl,
} from './authorization-server.js';

const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln';
const provider: ProviderOptions = { issuer, clientId: 'reports' };

describe('jwtBearerGrant', () => {
  it('takes no assertion that is no function', () => {
    const make = jwtBearerGrant as unknown as (...given: unknown[]) => unknown;
    expect(() => make(provider, jwt)).toThrow(/^assertion must be a function/);
    expect(() => make({ clientId: 'x' }, async () => jwt)).toThrow(/^issuer /);
  });

  it.each(['', 'jwt', 'a.b', 'a b.c.d', 5, null, undefined, {}])('sends no assertion %j', async (value) => {
    const { fetch, requests } = authorizationServer();
    const acquire = jwtBearerGrant(provider, async () => value as string);
    expect(await rejection(acquire(context(fetch)))).toMatchObject({ code: 'refresh-misconfigured' });
    expect(requests).toEqual([]);
  });

  it('passes on what the function throws', async () => {
    const bug = new Error('no key');
    const { fetch } = authorizationServer();
    expect(await rejection(jwtBearerGrant(provider, () => Promise.reject(bug))(context(fetch)))).toBe(bug);
  });

  it.each([
    ['invalid_grant', 'refresh-rejected'],
    ['invalid_scope', 'refresh-misconfigured'],
  ])('says %s without the assertion', async (error, code) => {
    const { fetch } = authorizationServer({
      [tokenUrl]: ({ form }) => json({ error, error_description: `bad ${form.get('assertion')}` }, 400),
    });
    const thrown = await rejection(jwtBearerGrant(provider, async () => jwt)(context(fetch)));
    expect(thrown).toMatchObject({ code, error });
    expect(inspect(thrown, { depth: 9, showHidden: true })).not.toContain(jwt);
  });

  it('asks for the assertion anew at every request, and posts it with scope and target', async () => {
    let made = 0;
    const { fetch, to } = authorizationServer();
    const options = { ...provider, scope: 'read', audience: 'orders' };
    const acquire = jwtBearerGrant(options, async () => `${jwt}${++made}`);
    expect([await acquire(context(fetch)), await acquire(context(fetch))]).toEqual([tokens, tokens]);
    const common = {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      client_id: 'reports',
      scope: 'read',
      audience: 'orders',
    };
    expect(to(tokenUrl).map(({ form }) => Object.fromEntries(form))).toEqual([
      { ...common, assertion: `${jwt}1` },
      { ...common, assertion: `${jwt}2` },
    ]);
    expect([acquire.boundTo, acquire.promptMs]).toEqual([`${issuer} reports`, undefined]);
  });
});
