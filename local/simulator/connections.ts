import type { Server } from 'node:http';
import net, { type Socket } from 'node:net';
import { type Listening, LOOPBACK, listen } from '../loopback.ts';
import type { FaultQueue } from './faults/queue.ts';

/** The TCP side of a gate: it hands sound connections to the HTTP server and plays faults on the others. */
export interface Connections extends Listening {
  /** Resets the TCP connection that a request came on, below TLS. */
  reset(socket: Socket): void;
  /** Closes the connections that wait for a request, as an idle limit would: faults of connections strike new ones only. */
  dropConnections(): void;
  /** Refuses connections (true), and drops those that wait for a request, or accepts them again (false). */
  setDown(isDown: boolean): void;
}

/** Accepts connections in front of an HTTP or HTTPS server. A TLS socket cannot reset its connection, so the raw one is kept. */
export async function acceptConnections(
  server: Server,
  faults: FaultQueue,
  port: number,
  tls: boolean,
): Promise<Connections> {
  // Addresses of a connection name it on both sides of TLS.
  const raws = new Map<string, Socket>();
  const nameOf = (socket: Socket) => `${socket.remoteAddress} ${socket.remotePort}`;
  const busy = new Set<string>();
  server.on('request', (request, response) => {
    const name = nameOf(request.socket);
    busy.add(name);
    response.once('close', () => busy.delete(name));
  });

  const tcp = net.createServer({ noDelay: true, allowHalfOpen: !tls }, (raw) => {
    const fault = faults.takeForConnection();
    if (fault?.fault === 'reset_on_connect') {
      raw.resetAndDestroy();
      return;
    }
    const name = nameOf(raw);
    raws.set(name, raw);
    raw.once('close', () => raws.delete(name));
    if (fault?.fault === 'tls_hang') {
      raw.resume();
    } else if (fault?.fault === 'tls_failure') {
      // After the client's hello, so that the connection ends in order and the bytes arrive.
      raw.once('data', () => raw.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    } else if (fault?.fault === 'slow_handshake') {
      // Unread meanwhile: the client's hello waits in the socket.
      const timer = setTimeout(() => server.emit('connection', raw), fault.delayMs ?? 800).unref();
      raw.once('close', () => clearTimeout(timer));
    } else {
      server.emit('connection', raw);
    }
  });
  const listening = await listen(tcp, { port });
  const dropConnections = () => {
    for (const [name, raw] of raws) if (!busy.has(name)) raw.destroy();
  };
  return {
    ...listening,
    reset(socket) {
      const raw = raws.get(nameOf(socket));
      if (raw) raw.resetAndDestroy();
      else socket.destroy();
    },
    dropConnections,
    setDown(isDown) {
      if (isDown) {
        tcp.close();
        dropConnections();
      } else if (!tcp.listening) tcp.listen(listening.port, LOOPBACK);
    },
  };
}
