import { parseChallenges } from 'latchkey/challenge';

globalThis.__used = [parseChallenges];
