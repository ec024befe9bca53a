import { check, say, scene } from '../report.ts';
import { books, expiry, type Stage, signedIn, sleep } from '../stage.ts';

/** A 401 for the old token that arrives when the new one is long there. */
export async function lateRefusal(stage: Stage): Promise<void> {
  scene('b', 'A late 401: it arrives after somebody else’s refresh');
  const { session, client } = await signedIn(stage, false);
  await expiry();
  const book = books(stage);
  const order: string[] = [];
  const late = client.get('slow?delay=500').then(() => order.push('slow'));
  await sleep(50);
  await client.get('quick').then(() => order.push('quick'));
  say(`the quick request was refused and renewed the token: token requests: ${book.tokenRequests()}`);
  await late;
  say('the slow one was refused 0.5 s after it was sent, and only sent again');
  check('answered, in this order', order.join(', '), 'quick, slow');
  check('token requests', book.tokenRequests(), 1);
  check('401 / 200 at the API', `${book.api.unauthorized} / ${book.api.ok}`, '2 / 2');
  await session.close();
}
