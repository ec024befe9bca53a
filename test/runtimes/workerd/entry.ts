import { env } from 'cloudflare:workers';
import { runCases, toolsFor } from '../../behaviour/index.ts';

const { CONTROL = '', ONLY = '', VERSION = '' } = env;

// What a worker answers: the report of the suite, which ran inside one request.
export default {
  async fetch(): Promise<Response> {
    const tools = await toolsFor({ runtime: 'workerd', control: CONTROL });
    return Response.json(await runCases(tools, { only: ONLY, version: VERSION }));
  },
};
