import net, { type Socket } from 'node:net';
import { listen } from '../../local/loopback.ts';

/**
 * Starts a TCP proxy whose connections can die without a word, as they do behind a firewall or a NAT gateway that forgot them.
 *
 * @param target URL of the server behind it
 */
export async function startSilentProxy(target: string) {
  const { hostname, port } = new URL(target);
  const pairs: [Socket, Socket][] = [];
  let connections = 0;
  const server = net.createServer((client) => {
    connections += 1;
    const upstream = net.connect(Number(port), hostname);
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
    client.pipe(upstream).pipe(client);
    pairs.push([client, upstream]);
  });
  const { authority, close } = await listen(server);
  return {
    url: `http://${authority}`,
    /** Connections so far. */
    connections: () => connections,
    /** From now on the connections that exist swallow all bytes; new ones work. */
    silence() {
      for (const [client, upstream] of pairs.splice(0)) {
        client.unpipe(upstream);
        upstream.unpipe(client);
        client.resume();
        upstream.destroy();
      }
    },
    close,
  };
}
