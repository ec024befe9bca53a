globalThis.__used = [];
