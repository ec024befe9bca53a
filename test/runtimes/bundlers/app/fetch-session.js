import { createAuthFetch, createSession } from 'latchkey/fetch';

globalThis.__used = [createAuthFetch, createSession];
