// npm run build, then:
// ISSUER=https://id.example.com CLIENT_ID=billing CLIENT_SECRET=… ORDERS_URL=https://orders.example.com/ \
//   node examples/service/main.ts
import { createServer } from 'node:http';
import { isAuthError } from 'latchkey';
import { openOrders, session } from './orders.ts';

/** A service that calls another one: GET / says how many orders are open there. */
const server = createServer(async (request, response) => {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const orders = await openOrders(gone.signal);
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ open: orders.length }));
  } catch (error) {
    // Our own trouble with our own token is never the caller's 401.
    const why = isAuthError(error) ? error.code : 'orders-unavailable';
    console.error('%s %s: %s', request.method, request.url, why);
    response.writeHead(502, { 'content-type': 'application/json' }).end(JSON.stringify({ error: why }));
  }
});

server.listen(Number(process.env['PORT'] ?? 3000), () => console.log('listening', server.address()));
process.once('SIGTERM', () => {
  server.close();
  void session.close();
});
