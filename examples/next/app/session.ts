import { cookies } from 'next/headers';
import { cookieOptions, forRequest, type OfRequest, readOnly, SESSION } from '../../server/session';

/** For route handlers and server actions: what was renewed is in the cookie before the response goes, or the redirect. */
export async function withSession<T>(work: (of: OfRequest) => Promise<T>): Promise<T> {
  const jar = await cookies();
  const of = forRequest(jar.get(SESSION)?.value);
  try {
    return await work(of);
  } finally {
    const cookie = await of.settle();
    if (cookie !== undefined) jar.set(SESSION, cookie, cookieOptions);
  }
}

/** For server components, which cannot write cookies. */
export async function readOnlyApi() {
  return readOnly((await cookies()).get(SESSION)?.value);
}
