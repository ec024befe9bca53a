import { type Ear, type Listener, listenersOf, type Opening, sharedListener } from '../listener.js';
import { shapeOf } from './client.js';

interface Emitting {
  on(event: string, listener: (...args: never[]) => void): unknown;
}

interface IoSubscriber extends Emitting {
  readonly status: string;
  connect(): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  disconnect(): unknown;
}

interface NodeSubscriber extends Emitting {
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string, channel: string) => void): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  destroy(): unknown;
}

/** Listens for all stores over the client on one connection of its own, a duplicate of the client's. */
export const listenerOf: (client: { duplicate(): unknown }) => Listener = /* @__PURE__ */ listenersOf(
  (client) =>
    sharedListener((opening) => {
      const own = client.duplicate() as Emitting;
      // without a listener an 'error' ends the process, also that of one that is closed
      own.on('error', () => {});
      own.on('end', opening.lost);
      const ear =
        shapeOf(own) === 'ioredis' ? io(own as IoSubscriber, opening) : node(own as NodeSubscriber, opening);
      const close = () => {
        try {
          ear.close();
        } catch {
          // it was closed already
        }
      };
      return { ...ear, close };
    }),
);

function io(own: IoSubscriber, { ready, heard }: Opening): Ear {
  own.on('message', heard);
  own.on('ready', ready);
  // a cluster listens at one node, and says so when it went to another
  own.on('+subscriber', ready);
  if (own.status === 'wait') own.connect().catch(() => {});
  else if (own.status === 'ready') ready();
  return {
    listen: (channel) => own.subscribe(channel),
    unlisten: (channel) => own.unsubscribe(channel),
    close: () => own.disconnect(),
  };
}

function node(own: NodeSubscriber, { ready, lost, heard }: Opening): Ear {
  const hear = (message: string, channel: string) => heard(channel, message);
  let isConnected = false;
  // a cluster's client says nothing of it
  own.on('ready', () => {
    if (isConnected) ready();
  });
  own
    .connect()
    .then(() => {
      isConnected = true;
      ready();
    })
    .catch(lost);
  return {
    listen: (channel) => own.subscribe(channel, hear),
    unlisten: (channel) => own.unsubscribe(channel),
    close: () => own.destroy(),
  };
}
