import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { RefreshRejectedError } from '../../src/errors.js';
import { createSession } from '../../src/session/session.js';

describe('createSession: an error of ours that refresh throws', () => {
  it('keeps its class and text, and of its cause only name and code', async () => {
    const cause = Object.assign(new Error('POST with rt-secret'), { code: 'E_HTTP', request: 'rt-secret' });
    const thrown = new RefreshRejectedError('gone', { error: 'invalid_grant', cause });
    const told: unknown[] = [];
    const session = createSession({
      refresh: async () => {
        throw thrown;
      },
      observe: (event) => told.push(event),
    });
    await session.signIn({ accessToken: 'at-0', refreshToken: 'rt-secret' });
    const refused = await session.token();
    const error = await session.token({ refused }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'refresh-rejected', message: 'gone', error: 'invalid_grant' });
    expect((error as Error).cause).toMatchObject({ name: 'Error', code: 'E_HTTP' });
    expect(inspect([error, told], { depth: 9, showHidden: true })).not.toContain('rt-secret');
  });
});
