import { createAuthClient, createSession } from 'latchkey';
import { clientCredentialsGrant } from 'latchkey/oauth';
import { services } from '../../test/support/oidc/index.ts';
import { check, say, scene } from '../report.ts';
import { books, type Stage, times } from '../stage.ts';

const callers = 10;

/** A service that calls another. */
export async function service(stage: Stage): Promise<void> {
  scene('e', 'Service to service: client_credentials, no user');
  stage.idp.settings.tellLifetime = true;
  const book = books(stage);
  const session = createSession({
    acquire: clientCredentialsGrant({ issuer: stage.idp.issuer, scope: 'read', ...services.odd }),
  });
  const api = createAuthClient({ baseUrl: stage.api.url, auth: session });
  const answers = await times(callers, () => api.get('orders').json<{ client: string; scope: string }>());
  say(`the API saw client "${answers[0]?.client}" with scope "${answers[0]?.scope}"`);
  check('callers answered', answers.filter(({ client }) => client === services.odd.clientId).length, callers);
  check('token requests', book.tokenRequests(), 1);
  check('401 / 200 at the API', `${book.api.unauthorized} / ${book.api.ok}`, `0 / ${callers}`);
  await session.close();
}
