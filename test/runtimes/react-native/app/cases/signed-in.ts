import { type AuthClient, createAuthClient, createSession, refreshEndpoint, type Session } from 'latchkey';
import type { Realm, RealmOptions } from '../../../../behaviour/server.ts';
import type { NativeTools } from '../native.ts';

/** Somebody signed in, and the client of an app. */
export async function signedInClient(
  t: NativeTools,
  options: RealmOptions = {},
): Promise<{ realm: Realm; session: Session<undefined>; api: AuthClient }> {
  const realm = await t.server.realm(options);
  const session = createSession({ refresh: refreshEndpoint(`${realm.url}/refresh`) });
  await session.signIn(await realm.issue());
  return { realm, session, api: createAuthClient({ baseUrl: `${realm.url}/`, auth: session }) };
}
