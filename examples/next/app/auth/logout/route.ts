import { withSession } from '../../session';

export const POST = (): Promise<Response> =>
  withSession(async ({ session }) => {
    await session.signOut();
    return new Response(null, { status: 303, headers: { Location: '/' } });
  });
