import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import zlib from 'node:zlib';
import type { Reply } from '../envelope.ts';
import type { RequestFault } from './kinds.ts';

/** The connection that an answer goes out on. */
interface Wire {
  response: ServerResponse;
  /** Resets the TCP connection (RST), below TLS. */
  reset(): void;
  /** Aborts every wait when the gate closes. */
  signal: AbortSignal;
  /** Called when the last byte of a complete answer is written. */
  answered(): void;
}

const CODINGS = {
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: zlib.brotliCompressSync,
  zstd: zlib.zstdCompressSync,
  none: (bytes: Buffer) => bytes,
};

/** Bytes of a streamed answer that are written at once. */
const CHUNK_BYTES = 16 * 1024;

/** Milliseconds to wait where a fault does not say: before the answer, or within it. */
const DELAYS: Readonly<Record<string, number>> = {
  late_answer: 3_000,
  // Long enough for the half to be read: a reset may throw away what is still in flight.
  half_answer: 20,
  cut_refusal: 20,
  slow_drip: 50,
};

/** Faults whose delayMs is within the answer, and not before it. */
const IN_ANSWER = ['half_answer', 'cut_refusal', 'slow_drip', 'close_keepalive'];

/**
 * Writes a reply in the way a fault demands: late, slowly, by half, or never.
 * @throws AbortError when the gate closes while it waits.
 */
export async function writeReply(wire: Wire, reply: Reply, fault: RequestFault | undefined): Promise<void> {
  const { response, signal } = wire;
  const { status, headers } = reply;
  const name = fault?.fault ?? '';
  const body = Buffer.from(reply.body);
  const delayMs = fault?.delayMs ?? DELAYS[name] ?? 0;
  const wait = () => sleep(delayMs, undefined, { signal });
  const head = (length: number | undefined, more: object = {}) =>
    response.writeHead(status, {
      ...headers,
      ...(length === undefined ? {} : { 'Content-Length': length }),
      ...more,
    });
  const end = (rest?: Buffer) => {
    wire.answered();
    response.end(rest);
  };
  const isGone = () => response.destroyed || response.socket === null || response.socket.destroyed;

  if (delayMs > 0 && !IN_ANSWER.includes(name)) await wait();
  if (isGone()) return;
  switch (name) {
    case 'no_answer':
      return;
    case 'reset_before_acceptance':
    case 'reset_after_acceptance':
      return wire.reset();
    case 'half_answer':
    case 'cut_refusal':
      head(body.length);
      response.write(body.subarray(0, Math.floor(body.length / 2)));
      await wait();
      return wire.reset();
    case 'wrong_length':
      head(body.length + 20);
      response.write(body, () => {
        wire.answered();
        response.socket?.end();
      });
      return;
    case 'compressed': {
      const coding = (fault as { coding?: keyof typeof CODINGS }).coding ?? 'gzip';
      const bytes = CODINGS[coding](body);
      head(bytes.length, { 'Content-Encoding': coding === 'none' ? 'gzip' : coding });
      return end(bytes);
    }
    case 'slow_drip':
      head(body.length).flushHeaders();
      for (const byte of body) {
        await wait();
        if (isGone()) return;
        response.write(Buffer.from([byte]));
      }
      return end();
    case 'oversized_answer':
      head(undefined);
      for (let at = 0; at < body.length; at += CHUNK_BYTES) {
        if (isGone()) return;
        await new Promise<void>((resolve) => {
          response.write(body.subarray(at, at + CHUNK_BYTES), () => resolve());
        });
      }
      return isGone() ? undefined : end();
    case 'close_keepalive': {
      const { socket } = response;
      head(body.length);
      end(body);
      if (delayMs > 0) await wait();
      // No Connection: close was said, so the client still counts on this connection.
      socket?.end();
      return;
    }
    default:
      head(body.length);
      end(body);
  }
}
