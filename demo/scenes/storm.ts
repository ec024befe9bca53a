import { chart } from '../chart.ts';
import { check, say, scene, show } from '../report.ts';
import { books, expiry, type Stage, signedIn, times } from '../stage.ts';

const callers = 200;

/** 200 requests at once with an expired token. */
export async function storm(stage: Stage, tellLifetime: boolean): Promise<void> {
  scene(
    tellLifetime ? 'a2' : 'a',
    tellLifetime
      ? `The same ${callers} requests; this time the client knows the lifetime`
      : `${callers} requests at once with an expired token of unknown lifetime`,
  );
  const { session, client } = await signedIn(stage, tellLifetime);
  say('signed in with code + PKCE; waiting for the access token to expire');
  await expiry();
  const book = books(stage);
  stage.idp.settings.tokenDelayMs = 150;
  const answers = await times(callers, (i) => client.get(`items/${i}`).json<{ path: string }>());
  stage.idp.settings.tokenDelayMs = 0;
  show(chart(book.from, book.answers, book.tokenLog()));
  const own = answers.filter(({ path }, i) => path === `/items/${i}`).length;
  check('callers who got their own answer', own, callers);
  check('requests refused with 401', book.api.unauthorized, tellLifetime ? 0 : callers);
  check('token requests', book.tokenRequests(), 1);
  check('requests the API saw in all', book.api.requests, tellLifetime ? callers : 2 * callers);
  await session.close();
}
