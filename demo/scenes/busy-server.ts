import { check, say, scene } from '../report.ts';
import { books, expiry, type Stage, signedIn, times } from '../stage.ts';

const callers = 20;

/** The token endpoint fails twice. */
export async function busyServer(stage: Stage): Promise<void> {
  scene('c', 'The token endpoint answers 503, twice');
  const { session, client } = await signedIn(stage, false);
  await expiry();
  const book = books(stage);
  stage.idp.failNext(2, 503);
  const statuses = await times(callers, async (i) => (await client.get(`orders/${i}`)).status);
  say(
    `the token endpoint answered ${book
      .tokenLog()
      .map(({ status }) => status)
      .join(', ')}`,
  );
  check('callers answered with 200', statuses.filter((status) => status === 200).length, callers);
  check('token requests', book.tokenRequests(), 3);
  check('signed in still', session.getSnapshot().status, 'signed-in');
  await session.close();
}
