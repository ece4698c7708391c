import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';

/** Where everything listens by default. */
export const LOOPBACK = '127.0.0.1';

/** Where a server listens. Default: any free port of 127.0.0.1. */
export interface Address {
  host?: string;
  port?: number;
}

/** A listening server whose `close` never waits for its clients. */
export interface Listening {
  /** `127.0.0.1:PORT`, with brackets round an IPv6 address: what stands after `http://`. */
  authority: string;
  port: number;
  /** Stops listening and destroys every open connection, so that it ends at once with keep-alive clients. */
  close(): Promise<void>;
}

/** Binds a server. @throws the system's error, for a port in use (`code: 'EADDRINUSE'`) with a sentence that names it */
export async function listen(
  server: Server,
  { host = LOOPBACK, port = 0 }: Address = {},
): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    // A client that resets its connection is nothing a stand-in should die of.
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      error.message = `Port ${port} on ${host} is in use by another program`;
    }
    throw error;
  }
  const bound = server.address() as AddressInfo;
  return {
    authority: `${host.includes(':') ? `[${host}]` : host}:${bound.port}`,
    port: bound.port,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
