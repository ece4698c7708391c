import http from 'node:http';
import https from 'node:https';
import type { Draft } from './draft.ts';

/** How a receiver answered: an HTTP status, or what went wrong (a system error's code, or its message). */
export type Outcome = { status: number } | { error: string };

/** Connections to receivers. The caller bounds how many reports are under way; idle ones hold no process open. */
export class Lines {
  readonly #plain: http.Agent;
  readonly #tls: https.Agent;

  /** @param most idle connections to keep to one receiver. */
  constructor(most: number) {
    const options = { keepAlive: true, maxFreeSockets: most };
    this.#plain = new http.Agent(options);
    this.#tls = new https.Agent(options);
  }

  /** Sends a report once. Gives the outcome, and never rejects. */
  async attempt(
    { url, method, contentType, body }: Draft,
    { timeoutMs, ca, signal }: { timeoutMs: number; ca?: string | undefined; signal: AbortSignal },
  ): Promise<Outcome> {
    const isTls = url.startsWith('https:');
    const content =
      contentType === undefined
        ? {}
        : { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) };
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Outcome>((resolve, reject) => {
        const request = (isTls ? https : http).request(url, {
          method,
          headers: { Accept: '*/*', ...content },
          agent: isTls ? this.#tls : this.#plain,
          signal,
          ...(ca === undefined ? {} : { ca }),
        });
        const late = () => {
          const error = new Error('No answer in time');
          request.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
        };
        timer = setTimeout(late, timeoutMs).unref();
        request.once('socket', (socket) => socket.unref());
        request.on('error', reject);
        request.once('response', (response) => {
          // Read to its end, or the connection could not be used again.
          response.resume();
          response.on('error', reject);
          response.once('end', () => resolve({ status: response.statusCode ?? 0 }));
        });
        request.end(body);
      });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return { error: code ?? message };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Drops the idle connections. */
  close(): void {
    this.#plain.destroy();
    this.#tls.destroy();
  }
}
