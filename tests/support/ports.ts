import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { listen } from '../../local/loopback.ts';

/** Variables of `npm start`. */
export type Ports = Record<'PORT' | 'INBOX_PORT' | 'COGNITO_PORT' | 'QUEUE_PORT', string>;

/** Below the range from which systems give ports to clients and to whoever asks for any: another test could get one before it is bound. */
export async function freePorts(): Promise<Ports> {
  for (;;) {
    const first = randomInt(10_000, 30_000);
    const ports = [first, first + 1, first + 2, first + 3];
    const probes = await Promise.allSettled(ports.map((port) => listen(createServer(), { port })));
    await Promise.all(probes.map((probe) => probe.status === 'fulfilled' && probe.value.close()));
    if (probes.some(({ status }) => status === 'rejected')) continue;
    const [PORT = '', INBOX_PORT = '', COGNITO_PORT = '', QUEUE_PORT = ''] = ports.map(String);
    return { PORT, INBOX_PORT, COGNITO_PORT, QUEUE_PORT };
  }
}
