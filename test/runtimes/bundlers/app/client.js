import { createAuthClient } from 'latchkey';

globalThis.__used = [createAuthClient];
