import { use } from './use.js';

globalThis.__used = use(globalThis.__network);
