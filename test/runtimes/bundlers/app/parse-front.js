import { parseChallenges } from 'latchkey';

globalThis.__used = [parseChallenges];
