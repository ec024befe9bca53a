/** Where the suite runs: the names of the runtimes, as exceptions.ts and the table of README have them. */
export const runtimeNames = [
  'node-22',
  'node-22-cjs',
  'node-24',
  'node-24-cjs',
  'node-26',
  'node-26-cjs',
  'bun',
  'deno',
  'workerd',
  'edge-runtime',
  'chromium',
  'firefox',
  'webkit',
  'react-native-0.88',
  'react-native-0.88-ios',
  'react-native-0.83',
  'hermesc-0.88',
  'hermesc-0.83',
] as const;

export type RuntimeName = (typeof runtimeNames)[number];
