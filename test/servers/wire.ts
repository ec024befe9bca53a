import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Socket } from 'node:net';

/** A wire to a port of 127.0.0.1, and what may happen to it. */
export interface Wire {
  readonly port: number;
  /** Nothing comes through any more, and nobody is told. */
  stall(): void;
  /** What is sent arrives so many milliseconds later. */
  slow(ms: number): void;
  /** Every connection breaks, and each new one too. */
  cut(): void;
  /** As if nothing had happened, for new connections. */
  mend(): void;
  stop(): Promise<void>;
}

export async function wireTo(port: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let state: 'well' | 'stalled' | 'cut' = 'well';
  let delayMs = 0;

  const pass = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on('data', (data) => {
      if (state === 'stalled') return;
      if (delayMs > 0) setTimeout(() => to.write(data), delayMs);
      else to.write(data);
    });
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((socket) => {
    if (state === 'cut') return void socket.destroy();
    const onward = dial(port, '127.0.0.1');
    pass(socket, onward);
    pass(onward, socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    stall() {
      state = 'stalled';
    },
    slow(ms) {
      delayMs = ms;
    },
    cut() {
      state = 'cut';
      breakAll();
    },
    mend() {
      // what was swallowed meanwhile is lost
      if (state === 'stalled') breakAll();
      state = 'well';
      delayMs = 0;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        breakAll();
      }),
  };
}
