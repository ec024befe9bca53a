import { isSignInRequired, isUnauthorizedError } from 'latchkey';
import { check, say, scene } from '../report.ts';
import { books, type Stage, signedIn, times } from '../stage.ts';

const callers = 50;

/** The provider ends the session. */
export async function revoked(stage: Stage): Promise<void> {
  scene('d', `The session is revoked at the provider; ${callers} callers, then ${callers} more`);
  const { session, client } = await signedIn(stage, true);
  const causes: string[] = [];
  session.on('signed-out', ({ cause }) => causes.push(cause));
  stage.idp.revokeAll();
  const book = books(stage);
  const call = (i: number) =>
    client.get(`items/${i}`).then(
      () => undefined,
      (error: unknown) => (isUnauthorizedError(error) && isSignInRequired(error) ? error.reason : undefined),
    );
  const first = await times(callers, call);
  say(`the first of them: UnauthorizedError, reason "${first[0]}"`);
  check('settled with a typed error that asks for a sign-in', first.filter(Boolean).length, callers);
  check('token requests', book.tokenRequests(), 1);
  const then = await times(callers, call);
  say(`and afterwards: UnauthorizedError, reason "${then[0]}"`);
  check('of the next, settled likewise', then.filter(Boolean).length, callers);
  check('token requests', book.tokenRequests(), 1);
  check('requests the API saw: one each, nothing loops', book.api.requests, 2 * callers);
  check('signed-out events', causes.join(), 'rejected');
  await session.close();
}
