import { before } from '../before.ts';
import { group } from '../group.ts';

export const loading = group('loading', {
  'adds nothing to the platform, and replaces nothing': async (t) => {
    const own = /^(__|webpack|process$|DENO|Deno|Bun)/;
    const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.names.includes(name));
    t.expect.equal(
      added.filter((name) => /latchkey|auth|session|ky/i.test(name) && !own.test(name)),
      [],
      'names',
    );
    t.expect.ok(before.values.size > 5, 'values are watched');
    for (const [name, value] of before.values) {
      t.expect.ok((globalThis as Record<string, unknown>)[name] === value, `${name} is the platform’s`);
    }
  },
});
