export { type Challenge, parseChallenges } from './protocol/challenge.js';
