/** A TCP proxy to a port of this machine, for tests of lost connections. */
import { connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  /** On 127.0.0.1. */
  readonly port: number;
  /** How many connections go through it now. */
  readonly connections: number;
  /** Ends all connections at once, as a cable that is pulled: both sides see a reset. */
  cut(): void;
  /** From now on new connections are ended at once, until {@link accept}. */
  refuse(): void;
  accept(): void;
  /** Nothing goes through any more, but no side sees an end: as a firewall that forgot the connection. */
  stall(): void;
  stop(): Promise<void>;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isRefusing = false;
  const server = createServer((near) => {
    if (isRefusing) return void near.destroy();
    const far = connect(targetPort, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined); // the other side is told by its close
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get connections() {
      return sockets.size / 2;
    },
    cut,
    refuse() {
      isRefusing = true;
    },
    accept() {
      isRefusing = false;
    },
    stall() {
      for (const socket of sockets) socket.unpipe();
    },
    async stop() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
