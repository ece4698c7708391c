import http, { type IncomingMessage } from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { listen } from '../../local/loopback.ts';

/**
 * What a proxy does with a request for a tunnel: opens it, refuses with a status, never answers, closes the connection without an answer, or
 * says that the tunnel is open and closes it.
 */
type TunnelAnswer = 'open' | number | 'hang' | 'close' | 'open_and_close';

/** A forward proxy for HTTPS (CONNECT, RFC 9110 section 9.3.6), as Squid is one. */
export interface ConnectProxy {
  readonly url: string;
  /** The targets of all requests for a tunnel, `127.0.0.1:8443`, and their headers. */
  readonly tunnels: { readonly target: string; readonly headers: http.IncomingHttpHeaders }[];
  /** Connections whose tunnel was not opened and that are still there. */
  readonly waiting: Set<Duplex>;
  /** Bytes that came from clients whose tunnel was not opened. */
  readonly stray: Buffer[];
  /** Requests that were not for a tunnel. */
  readonly others: string[];
  /** What it does with a target. Default: it opens the tunnel. */
  choose: (target: string) => TunnelAnswer;
  /** Where a tunnel to this target really leads: another port of this machine. */
  detour?: number | undefined;
  /** Cuts all open tunnels. */
  cut(): void;
  close(): Promise<void>;
}

/** Starts a proxy on a free port of this machine. */
export async function startConnectProxy(): Promise<ConnectProxy> {
  const open = new Set<Duplex>();
  const server = http.createServer((request, response) => {
    proxy.others.push(String(request.url));
    response.writeHead(400).end();
  });
  const proxy: ConnectProxy = {
    url: '',
    tunnels: [],
    waiting: new Set(),
    stray: [],
    others: [],
    choose: () => 'open',
    cut() {
      for (const socket of open) socket.destroy();
    },
    close: () => close(),
  };
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    const target = String(request.url);
    proxy.tunnels.push({ target, headers: request.headers });
    client.on('error', () => undefined); // a client that resets its connection
    const answer = proxy.choose(target);
    if (answer === 'open') {
      const upstream = net.connect(proxy.detour ?? Number(new URL(`http://${target}`).port), '127.0.0.1');
      upstream.on('error', () => client.destroy());
      upstream.on('close', () => client.destroy());
      client.on('close', () => upstream.destroy());
      upstream.on('connect', () => client.write('HTTP/1.1 200 Connection established\r\n\r\n'));
      upstream.write(head);
      client.pipe(upstream).pipe(client);
      open.add(client).add(upstream);
      return;
    }
    proxy.waiting.add(client);
    client.on('end', () => client.end()); // a server of HTTP leaves its half open
    client.on('close', () => proxy.waiting.delete(client));
    if (head.length > 0) proxy.stray.push(head);
    client.on('data', (chunk: Buffer) => proxy.stray.push(chunk));
    if (answer === 'close') client.destroy();
    if (answer === 'open_and_close') client.end('HTTP/1.1 200 Connection established\r\n\r\n');
    if (typeof answer === 'number')
      client.write(`HTTP/1.1 ${answer} ${http.STATUS_CODES[answer]}\r\nContent-Length: 0\r\n\r\n`);
  });
  const { authority, close } = await listen(server);
  return Object.assign(proxy, { url: `http://${authority}` });
}
