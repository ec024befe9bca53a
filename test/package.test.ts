import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { filesOf, parse, root, walk } from './support/source.js';

const doors = [
  '.',
  './fetch',
  './challenge',
  './oauth',
  './digest',
  './dpop',
  './stores/web',
  './stores/async-storage',
  './stores/file',
  './stores/redis',
  './stores/postgres',
] as const;
/** What only Node, Bun and Deno load. */
const nodeOnly = /^stores-file\.c?js$/;
type Door = (typeof doors)[number];
const fileOf = (door: Door, format: 'import' | 'require' = 'import') =>
  join(root, manifest.exports[door][format].default);

interface Lock {
  readonly packages: Record<
    string,
    { resolved?: string; integrity?: string; optionalDependencies?: Record<string, string> }
  >;
}

/** A door as a bundler takes it into a browser app; what is no ESM or Web platform fails. */
async function bundleOf(door: Door, names = '*') {
  const code =
    names === '*' ? `export * from '${fileOf(door)}'` : `export { ${names} } from '${fileOf(door)}'`;
  const { metafile, outputFiles } = await build({
    stdin: { contents: code, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));
  const packages = inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  return { packages: [...new Set(packages)], text: outputFiles[0]?.text ?? '' };
}

function touchesAtLoad(file: string) {
  const out = execFileSync(process.execPath, [`${root}test/support/traps.mjs`, pathToFileURL(file).href], {
    encoding: 'utf8',
  });
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { what: string; by: string });
}

describe('package.json', () => {
  it('names files that exist, for ESM and CommonJS, with their types first', () => {
    for (const door of doors) {
      for (const format of ['import', 'require'] as const) {
        const paths = Object.entries(manifest.exports[door][format]);
        expect(paths.map(([condition]) => condition)).toEqual(['types', 'default']);
        for (const [, path] of paths)
          expect(readFileSync(root + path, 'utf8').length, path).toBeGreaterThan(0);
      }
    }
  });
  it('says that nothing has side effects, so that bundlers drop what is not used', () => {
    expect(manifest.sideEffects).toBe(false);
  });
  it('loads none of its files that nothing is taken from: esbuild warns of those where a workspace links the package', () => {
    const bare = filesOf('dist', /\.c?js$/).filter((path) =>
      /^(?:import |require\()'\.[^']*'\)?;$/m.test(readFileSync(`${root}dist/${path}`, 'utf8')),
    );
    expect(bare).toEqual([]);
  });
  it('asks for the packages that are left out of dist, and no others', () => {
    const asked = new Set<string>();
    for (const path of filesOf('dist', /\.(js|cjs|d\.ts|d\.cts)$/)) {
      for (const [, name] of readFileSync(`${root}dist/${path}`, 'utf8').matchAll(
        /(?:from|require\(|^import) ?['"]([^.'"][^'"]*)['"]/gm,
      )) {
        if (!name?.startsWith('node:') || !nodeOnly.test(path))
          asked.add(/^(?:@[^/]+\/)?[^/]+/.exec(name ?? '')?.[0] ?? '');
      }
    }
    expect([...asked].sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });
});

describe('the doors, loaded', () => {
  it.each([
    [
      'ESM',
      "import { isAuthError, TokenResponseError } from 'latchkey/fetch'; import { refreshTokenGrant } from 'latchkey/oauth';",
    ],
    [
      'CommonJS',
      "const { isAuthError, TokenResponseError } = require('latchkey'); const { refreshTokenGrant } = require('latchkey/oauth');",
    ],
  ])('throw errors of one set of classes: %s', (format, imports) => {
    const code = `${imports}
      const refresh = refreshTokenGrant({ tokenEndpoint: 'https://id.example.com/token', clientId: 'a' });
      const fetch = async () => new Response('[]');
      refresh({ held: { accessToken: 'a', refreshToken: 'b' }, fetch, signal: new AbortController().signal }).catch(
        (error) => console.log(error instanceof TokenResponseError, isAuthError(error)),
      );`;
    const type = format === 'ESM' ? 'module' : 'commonjs';
    const args = [`--input-type=${type}`, '-e', code];
    expect(execFileSync(process.execPath, args, { encoding: 'utf8', cwd: root })).toBe('true true\n');
  });
  it('are few files: each costs a start of Node half a millisecond', () => {
    const loads = (file: string, found = new Set<string>()) => {
      found.add(file);
      for (const [, next] of readFileSync(`${root}dist/${file}`, 'utf8').matchAll(
        /(?:from|import) ?'\.\/([^']+)'/g,
      ))
        if (next !== undefined && !found.has(next)) loads(next, found);
      return found.size;
    };
    expect([loads('challenge.js'), loads('fetch.js'), loads('index.js')]).toEqual([2, 2, 2]);
  });
  it('are of one format: CommonJS asks for no ESM of ours', () => {
    const esm = filesOf('dist', /\.cjs$/).filter((path) =>
      /require\('\.[^']*\.js'\)/.test(readFileSync(`${root}dist/${path}`, 'utf8')),
    );
    expect(esm).toEqual([]);
  });
});

/** What a door offers, as its types say: values, and types alone. */
function namesIn(door: Door) {
  const file = manifest.exports[door].import.types.replace(/^\.\//, root);
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.Preserve,
    target: ts.ScriptTarget.ES2022,
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  const found: { values: string[]; types: string[] } = { values: [], types: [] };
  for (const symbol of module ? checker.getExportsOfModule(module) : []) {
    const origin = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    found[origin.flags & ts.SymbolFlags.Value ? 'values' : 'types'].push(symbol.name);
  }
  return { values: found.values.sort().join(' '), types: found.types.sort().join(' ') };
}

const names = new Map(doors.map((door) => [door, namesIn(door)]));
const namesOf = (door: Door) => names.get(door);

describe('package-lock.json', () => {
  it.each(['package-lock.json', ...globSync('test/runtimes/{,*/}package-lock.json', { cwd: root })])(
    'names no registry, but the package of every platform, each with its hash: %s',
    (path) => {
      const { packages } = JSON.parse(readFileSync(root + path, 'utf8')) as Lock;
      const entries = Object.entries(packages);
      expect(entries.filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
      const unproven = entries.filter(([at, entry]) => at !== '' && !entry.integrity?.startsWith('sha512-'));
      expect(unproven.map(([at]) => at)).toEqual([]);
      const missing = entries.flatMap(([path, { optionalDependencies = {} }]) =>
        Object.keys(optionalDependencies).filter(
          (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
        ),
      );
      expect(missing).toEqual([]);
    },
  );
});

describe('the doors', () => {
  it('offer these names: a change is a decision', () => {
    expect(namesOf('.')).toMatchInlineSnapshot(`
      {
        "types": "AccessToken Acquire AnyAuthError ApiKey Auth AuthClient AuthClientOptions AuthEvent AuthFetch AuthFetchOptions AuthOptions Bound Challenge ClientOptions CookieSession CookieSessionOptions Credentials CustomStoreOptions DerivedFor Doubt ErrorCode FetchLike ForbiddenLike ForbiddenReason Grant GrantContext MaybePromise Outcome Peek Reason Refresh RefreshEndpointOptions Remedy Renewed RequestEvent Revoke Scheme Session SessionEvent SessionOptions SessionRecord SessionSnapshot SessionView SharedOptions SignedOutCause StandardSchemaLike StepUp StepUpNeed Target TokenInput TokenSet TokenSource TokenStore UnauthorizedLike UnauthorizedReason UserPassword UserPasswordProvider",
        "values": "AuthError ForbiddenError NotReplayableError RefreshMisconfiguredError RefreshRejectedError RefreshUnavailableError ServerNotVerifiedError SignedOutError TokenResponseError UnauthorizedError apiKey basic bearer createAuthClient createAuthFetch createCookieSession createSession customStore decodeJwt defineScheme explain isAuthError isForbiddenError isSignInRequired isUnauthorizedError memoryStore outcomeOf parseChallenges refreshEndpoint",
      }
    `);
    expect(namesOf('./fetch')).toMatchInlineSnapshot(`
      {
        "types": "AccessToken Acquire AnyAuthError ApiKey Auth AuthEvent AuthFetch AuthFetchOptions AuthOptions Bound Challenge CookieSession CookieSessionOptions Credentials CustomStoreOptions DerivedFor Doubt ErrorCode FetchLike ForbiddenLike ForbiddenReason Grant GrantContext MaybePromise Outcome Peek Reason Refresh RefreshEndpointOptions Remedy Renewed RequestEvent Revoke Scheme Session SessionEvent SessionOptions SessionRecord SessionSnapshot SessionView SharedOptions SignedOutCause StandardSchemaLike StepUp StepUpNeed Target TokenInput TokenSet TokenSource TokenStore UnauthorizedLike UnauthorizedReason UserPassword UserPasswordProvider",
        "values": "AuthError NotReplayableError RefreshMisconfiguredError RefreshRejectedError RefreshUnavailableError ServerNotVerifiedError SignedOutError TokenResponseError apiKey basic bearer createAuthFetch createCookieSession createSession customStore decodeJwt defineScheme explain isAuthError isSignInRequired memoryStore outcomeOf parseChallenges refreshEndpoint",
      }
    `);
    expect(namesOf('./challenge')).toMatchInlineSnapshot(`
      {
        "types": "Challenge",
        "values": "parseChallenges",
      }
    `);
    expect(namesOf('./oauth')).toMatchInlineSnapshot(`
      {
        "types": "AuthorizationCodeFlow AuthorizationCodeGrantOptions AuthorizationCodeOptions BeginOptions ClientAuthentication DeviceAuthorizationOptions DevicePrompt DiscoverOptions Discovered EndSessionOptions KeyLike Provider ProviderOptions ServerOptions",
        "values": "authorizationCode authorizationCodeGrant clientCredentialsGrant deviceAuthorization discover endSessionUrl jwtBearerGrant oauthProvider refreshTokenGrant revocation tokenExchangeGrant",
      }
    `);
    expect(namesOf('./digest')).toMatchInlineSnapshot(`
      {
        "types": "DigestAlgorithm DigestOptions",
        "values": "digest",
      }
    `);
    expect(namesOf('./dpop')).toMatchInlineSnapshot(`
      {
        "types": "DpopKey DpopKeySource",
        "values": "dpop dpopKey",
      }
    `);
    expect(namesOf('./stores/async-storage')).toMatchInlineSnapshot(`
      {
        "types": "KeyValueStorage",
        "values": "asyncStorageStore",
      }
    `);
    expect(namesOf('./stores/web')).toMatchInlineSnapshot(`
      {
        "types": "WebStoreOptions",
        "values": "webStore",
      }
    `);
    expect(namesOf('./stores/file')).toMatchInlineSnapshot(`
      {
        "types": "Encrypt EncryptionKey FileStoreOptions",
        "values": "fileStore",
      }
    `);
    expect(namesOf('./stores/redis')).toMatchInlineSnapshot(`
      {
        "types": "Encrypt EncryptionKey IoRedisLike NodeRedisLike RedisStoreOptions",
        "values": "redisStore",
      }
    `);
    expect(namesOf('./stores/postgres')).toMatchInlineSnapshot(`
      {
        "types": "Encrypt EncryptionKey PgLike PostgresJsLike PostgresStore PostgresStoreOptions",
        "values": "postgresStore",
      }
    `);
  });
  it('offer as values what their types say', async () => {
    for (const door of doors) {
      const module = (await import(/* @vite-ignore */ pathToFileURL(fileOf(door)).href)) as object;
      expect(Object.keys(module).sort().join(' '), door).toBe(namesOf(door)?.values);
    }
  });
});

describe('dist', () => {
  it('uses no syntax that Hermes or the Babel preset of React Native refuses', () => {
    const refused: string[] = [];
    for (const path of filesOf('dist', /\.c?js$/)) {
      const file = parse(`dist/${path}`);
      walk(file, (node) => {
        const async =
          ts.canHaveModifiers(node) &&
          (ts.getCombinedModifierFlags(node as ts.Declaration) & ts.ModifierFlags.Async) !== 0;
        const found =
          (ts.isFunctionLike(node) &&
            async &&
            'asteriskToken' in node &&
            node.asteriskToken &&
            'async generator') ||
          (ts.isForOfStatement(node) && node.awaitModifier && 'for await') ||
          (ts.isVariableDeclarationList(node) &&
            (node.flags & ts.NodeFlags.Using) === ts.NodeFlags.Using &&
            'using') ||
          (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword && 'import.meta') ||
          (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && 'import()') ||
          (ts.isNamespaceExport(node) && 'export * as') ||
          (ts.isRegularExpressionLiteral(node) && /\/[a-z]*v[a-z]*$/.test(node.text) && 'RegExp v flag') ||
          (ts.isAwaitExpression(node) && !ts.findAncestor(node, ts.isFunctionLike) && 'top-level await') ||
          (ts.isStringLiteral(node) && node.text.startsWith('node:') && !nodeOnly.test(path) && node.text) ||
          undefined;
        if (found) refused.push(`${path}: ${found}`);
      });
    }
    expect(refused).toEqual([]);
  });
  it('creates nothing and touches no lazy global while it is loaded', () => {
    for (const door of doors) {
      const ours = touchesAtLoad(fileOf(door)).filter((touch) => touch.by.includes('/dist/'));
      expect(ours, door).toEqual([]);
    }
  });
  it('is watched by traps that see what another package touches', () => {
    const seen = touchesAtLoad(join(root, 'node_modules/ky/distribution/index.js'));
    expect(seen.some((touch) => touch.what === 'Request' && touch.by.includes('ky/distribution'))).toBe(true);
  });
  it('says of every pure call at load that it is, as webpack asks: unused ones are dropped', () => {
    const found: string[] = [];
    for (const path of filesOf('dist', /\.js$/)) {
      const file = parse(`dist/${path}`);
      const marked = (node: ts.Node, mark: string) =>
        file.text.slice(node.pos, node.getStart()).includes(mark);
      const pure = file.statements.flatMap((statement) =>
        ts.isFunctionDeclaration(statement) && marked(statement, '@__NO_SIDE_EFFECTS__')
          ? [statement.name?.text]
          : [],
      );
      for (const statement of file.statements.filter(ts.isVariableStatement))
        walk(statement, (node) => {
          if (!ts.isCallExpression(node) || !pure.includes(node.expression.getText())) return;
          found.push(`${marked(node, '@__PURE__')} ${node.expression.getText()}`);
        });
    }
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((call) => !call.startsWith('true'))).toEqual([]);
  });
  it('keeps one state for all doors, also in CommonJS', () => {
    const require = createRequire(import.meta.url);
    const inner = require(fileOf('./fetch', 'require')) as Record<string, unknown>;
    const front = require(fileOf('.', 'require')) as Record<string, unknown>;
    for (const name of Object.keys(inner)) expect(front[name], name).toBe(inner[name]);
  });
});

describe('bundles', () => {
  it('have no ky in ./fetch and nothing foreign in ./challenge', async () => {
    expect((await bundleOf('./fetch')).packages).toEqual([]);
    expect((await bundleOf('./challenge')).packages).toEqual([]);
  });
  it('have ky alone in the front door, and in ./oauth the hash only where a code is signed in with', async () => {
    expect((await bundleOf('.')).packages).toEqual(['ky']);
    expect((await bundleOf('./oauth')).packages).toEqual(['oauth4webapi', '@noble/hashes']);
    const grants = await bundleOf(
      './oauth',
      'refreshTokenGrant, clientCredentialsGrant, deviceAuthorization',
    );
    expect(grants.packages).toEqual(['oauth4webapi']);
    expect((await bundleOf('./digest')).packages).toEqual(['@noble/hashes']);
  });
  it('have dpop alone in ./dpop, without a session, and nothing of it in the other doors', async () => {
    const { packages, text } = await bundleOf('./dpop');
    expect(packages).toEqual(['dpop']);
    expect(text).not.toMatch(/_zod\b|retries|refresh_token/);
    for (const door of ['.', './oauth'] as const)
      expect((await bundleOf(door)).text).not.toMatch(/dpop\+jwt|indexedDB/);
  });
  it('have in the store of apps nothing foreign, no p-retry and no session', async () => {
    const { packages, text } = await bundleOf('./stores/async-storage');
    expect(packages).toEqual([]);
    expect(text).not.toMatch(/retries|signed-in|setInterval/);
  });
  it('have in the store of tabs nothing foreign, no session and nothing of dpop; and nothing of it in the core', async () => {
    const { packages, text } = await bundleOf('./stores/web');
    expect(packages).toEqual([]);
    expect(text).not.toMatch(/retries|signed-in|dpop/);
    for (const door of ['.', './oauth', './stores/async-storage'] as const)
      expect((await bundleOf(door)).text).not.toMatch(/BroadcastChannel|indexedDB/);
  });
  it('have nothing of Node in any other door than that of files', async () => {
    await expect(bundleOf('./stores/file')).rejects.toThrow('node:fs');
    for (const door of doors.filter((name) => name !== './stores/file'))
      expect((await bundleOf(door)).text).not.toMatch(/node:|boot_id/);
  });
  it('have no zod and no p-retry where nothing asks for a session', async () => {
    expect((await bundleOf('./fetch', 'createAuthFetch')).text).not.toMatch(/_zod\b|retries/);
  });
  it('have the words of `explain` only where it is asked for', async () => {
    const words = /RFC 9110 demands|is intact|less than a second/;
    expect((await bundleOf('./fetch', 'explain')).text).toMatch(words);
    for (const names of ['createAuthFetch', 'createSession, createCookieSession', 'outcomeOf'])
      expect((await bundleOf('./fetch', names)).text, names).not.toMatch(words);
    expect((await bundleOf('.', 'createAuthClient')).text).not.toMatch(words);
    expect((await bundleOf('./fetch', 'explain')).text).not.toMatch(/_zod\b|retries/);
  });
  it('have no zod and no p-retry in ./challenge', async () => {
    expect((await bundleOf('./challenge')).text).not.toMatch(/_zod|retries/);
  });
});
