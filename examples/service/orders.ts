import { createAuthClient, createSession } from 'latchkey';
import { clientCredentialsGrant } from 'latchkey/oauth';

/** From the environment, or the service does not start. */
function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

/** One token for the process, obtained at the first call, renewed before it expires. */
export const session = createSession({
  acquire: clientCredentialsGrant({
    issuer: setting('ISSUER'),
    clientId: setting('CLIENT_ID'),
    clientSecret: setting('CLIENT_SECRET'),
  }),
  observe: (event) => {
    if (event.type === 'refresh-failed') console.error('%s, again at %d', event.error.code, event.retryAt);
  },
});

const api = createAuthClient({ baseUrl: setting('ORDERS_URL'), auth: session, timeout: 5_000 });

export interface Order {
  readonly id: string;
}

export function openOrders(signal: AbortSignal): Promise<Order[]> {
  return api.get('orders', { searchParams: { state: 'open' }, signal }).json<Order[]>();
}
