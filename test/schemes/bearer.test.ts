import { describe, expect, it, vi } from 'vitest';
import type { Challenge } from '../../src/protocol/challenge.js';
import { parseChallenges } from '../../src/protocol/challenge.js';
import { bearer } from '../../src/schemes/bearer.js';
import type { Target } from '../../src/schemes/scheme.js';
import { deferred, FakeCore, sessionOver } from '../fetch/support.js';

const target = { url: 'https://a.example/', begun: 'life' } as Target;
const challenge = (field: string) => parseChallenges(field)[0] as Challenge;

describe('bearer', () => {
  it.each([[''], ['a b'], ['a\r\nX: y'], ['é']])('refuses the token %j without naming it', (token) => {
    expect(() => bearer(token)).toThrow(
      new TypeError(
        'bearer: the source must be one or more visible ASCII characters, without "Bearer" before them',
      ),
    );
  });

  it('refuses what is no source', () => {
    for (const source of [undefined, null, 1, {}]) expect(() => bearer(source as never)).toThrow(/`source`/);
  });

  it('refuses a token of the session or the function that no header can carry, without naming it', async () => {
    const core = new FakeCore('secret\nvalue');
    expect(() => bearer(sessionOver(core)).credentials(target)).toThrow(/^bearer: the access token must/);
    expect(() => bearer(() => 'secret value').credentials(target)).toThrow(
      /^bearer: the token of the function must/,
    );
  });

  it('leaves another scheme’s challenge, and what asks for more than a token, alone', () => {
    const scheme = bearer(sessionOver(new FakeCore()));
    for (const field of [
      'Basic realm="x"',
      'Bearer error="insufficient_scope"',
      'Bearer error="insufficient_user_authentication"',
      'Bearer claims="x"',
    ]) {
      expect(scheme.remedy?.(challenge(field), { version: 1 })).toBeUndefined();
      expect(scheme.remedy?.(challenge(field), undefined)).toBeUndefined();
    }
  });

  it('answers where nothing was sent, and replaces what was refused', () => {
    const scheme = bearer(sessionOver(new FakeCore()));
    for (const asked of [undefined, challenge('Bearer'), challenge('Bearer error="invalid_token"')]) {
      expect(scheme.remedy?.(asked, undefined)).toBe('answer');
      expect(scheme.remedy?.(asked, { version: 1 })).toBe('replace');
    }
  });

  it('has nothing in place of a token that never changes', () => {
    const scheme = bearer('pat');
    expect(scheme.credentials(target)).toMatchObject({ headers: { Authorization: 'Bearer pat' } });
    expect(scheme.remedy?.(undefined, { version: 'pat' })).toBeUndefined();
    expect(scheme.replace).toBeUndefined();
  });

  it('makes frozen credentials once for every renewal of a session', () => {
    const core = new FakeCore();
    const scheme = bearer(sessionOver(core));
    const first = scheme.credentials(target);
    expect(scheme.credentials(target)).toBe(first);
    expect(first).toMatchObject({ headers: { Authorization: 'Bearer t1' }, version: core.held });
    expect(Object.isFrozen(first) && Object.isFrozen((first as { headers: object }).headers)).toBe(true);
    core.mint();
    expect(scheme.credentials(target)).toMatchObject({ headers: { Authorization: 'Bearer t2' } });
  });

  it('is without credentials while nobody is signed in', async () => {
    const core = new FakeCore(null);
    const scheme = bearer(sessionOver(core));
    expect(scheme.credentials(target)).toBeUndefined();
    core.current = () => Promise.resolve(undefined);
    expect(await scheme.credentials(target)).toBeUndefined();
  });

  it('asks the session for the life that the call began in', () => {
    const core = new FakeCore();
    const current = vi.spyOn(core, 'current');
    bearer(sessionOver(core)).credentials(target);
    expect(current).toHaveBeenCalledWith('life');
  });
});

describe('bearer of a function', () => {
  it('calls it for each request, and with the refused token after a refusal', async () => {
    const asked: (string | undefined)[] = [];
    const source = ({ refused }: { refused: string | undefined }) => {
      asked.push(refused);
      return refused === undefined ? 'a' : 'b';
    };
    const scheme = bearer(source);
    const credentials = scheme.credentials(target);
    expect(credentials).toMatchObject({ headers: { Authorization: 'Bearer a' } });
    expect(await scheme.replace?.(credentials as object, target, undefined)).toMatchObject({
      credentials: { headers: { Authorization: 'Bearer b' } },
      minted: true,
    });
    expect(asked).toEqual([undefined, 'a']);
  });

  it('is without credentials where it returns none', async () => {
    expect(bearer(() => undefined).credentials(target)).toBeUndefined();
    expect(await bearer(async () => '').credentials(target)).toBeUndefined();
    expect(await bearer(() => undefined).replace?.({ version: 'a' }, target, undefined)).toEqual({
      undelivered: 'no-credentials',
    });
  });

  it('delivers as refused again where it returns the refused token, and asks it again the next time', async () => {
    const source = vi.fn(async () => 'a');
    const scheme = bearer(source);
    for (let i = 0; i < 2; i++) {
      expect(await scheme.replace?.({ version: 'a' }, target, undefined)).toEqual({
        undelivered: 'refused-again',
      });
    }
    expect(source).toHaveBeenCalledTimes(2);
  });

  it('asks once for one refused token, however many wait or come late', async () => {
    const next = deferred<string>();
    const source = vi.fn(() => next.promise);
    const scheme = bearer(source);
    const both = [1, 2].map(() => scheme.replace?.({ version: 'a' }, target, undefined));
    next.resolve('b');
    expect(await Promise.all(both)).toMatchObject([{ minted: true }, { minted: false }]);
    expect(await scheme.replace?.({ version: 'a' }, target, undefined)).toMatchObject({ minted: false });
    expect(source).toHaveBeenCalledOnce();
  });

  it('rejects with its error, and asks it again the next time', async () => {
    const source = vi.fn(async () => {
      throw new Error('sdk');
    });
    const scheme = bearer(source);
    await expect(scheme.replace?.({ version: 'a' }, target, undefined)).rejects.toThrow('sdk');
    await expect(scheme.replace?.({ version: 'a' }, target, undefined)).rejects.toThrow('sdk');
    expect(source).toHaveBeenCalledTimes(2);
  });
});
