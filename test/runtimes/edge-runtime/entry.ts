import { runCases, toolsFor } from '../../behaviour/index.ts';

/** What the VM is asked for: the report of the suite, as JSON. */
export async function run(control: string, only: string, version: string): Promise<string> {
  const tools = await toolsFor({ runtime: 'edge-runtime', control });
  return JSON.stringify(await runCases(tools, { only, version }));
}
