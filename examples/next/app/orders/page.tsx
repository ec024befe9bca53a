import { isUnauthorizedError } from 'latchkey';
import { redirect } from 'next/navigation';
import { readOnlyApi } from '../session';

/** A server component: it cannot write cookies, so who must refresh for it is /auth/renew. */
export default async function Orders({ searchParams }: { searchParams: Promise<{ renewed?: string }> }) {
  const api = await readOnlyApi();
  const { renewed } = await searchParams;
  const orders = await api
    .get('orders')
    .json<{ id: string }[]>()
    .catch((error: unknown) => {
      if (!isUnauthorizedError(error)) throw error;
      if (error.signInRequired) redirect('/auth/login');
      // Renewed, and refused again: another round would not help.
      if (error.reason !== 'read-only' || renewed !== undefined) throw error;
      redirect('/auth/renew?to=/orders');
    });
  return (
    <ul>
      {orders.map(({ id }) => (
        <li key={id}>{id}</li>
      ))}
    </ul>
  );
}
