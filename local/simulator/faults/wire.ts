import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import zlib from 'node:zlib';
import type { Reply } from '../envelope.ts';
import type { RequestFault } from './kinds.ts';

/** The connection that an answer goes out on. */
export interface Wire {
  response: ServerResponse;
  /** Resets the TCP connection (RST), below TLS. */
  reset(): void;
  /** Aborts every wait when the gate closes. */
  signal: AbortSignal;
  /** Called when the last byte of a complete answer is written. */
  answered(): void;
}

function isGone({ response }: Wire): boolean {
  return response.destroyed || response.socket === null || response.socket.destroyed;
}

function head({ response }: Wire, { status, headers, body }: Reply, sized = true): void {
  response.writeHead(status, { ...headers, ...(sized ? { 'Content-Length': Buffer.byteLength(body) } : {}) });
}

function writeWhole(wire: Wire, reply: Reply): void {
  head(wire, reply);
  wire.answered();
  wire.response.end(reply.body);
}

async function writeHalf(wire: Wire, reply: Reply, delayMs: number): Promise<void> {
  const body = Buffer.from(reply.body);
  head(wire, reply);
  wire.response.write(body.subarray(0, Math.floor(body.length / 2)));
  // Long enough for the half to be read: a reset may throw away what is still in flight.
  await sleep(delayMs, undefined, { signal: wire.signal });
  wire.reset();
}

function writeCompressed(
  { response, answered }: Wire,
  { status, headers, body }: Reply,
  coding: keyof typeof codings,
): void {
  const bytes = codings[coding](Buffer.from(body));
  const named = coding === 'none' ? 'gzip' : coding;
  response.writeHead(status, { ...headers, 'Content-Encoding': named, 'Content-Length': bytes.length });
  answered();
  response.end(bytes);
}

const codings = {
  gzip: (bytes: Buffer) => zlib.gzipSync(bytes),
  deflate: (bytes: Buffer) => zlib.deflateSync(bytes),
  br: (bytes: Buffer) => zlib.brotliCompressSync(bytes),
  zstd: (bytes: Buffer) => zlib.zstdCompressSync(bytes),
  none: (bytes: Buffer) => bytes,
};

function writeTooShort({ response, answered }: Wire, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) + 20 });
  response.write(body, () => {
    answered();
    response.socket?.end();
  });
}

async function writeSlowly(wire: Wire, reply: Reply, delayMs: number): Promise<void> {
  const body = Buffer.from(reply.body);
  head(wire, reply);
  wire.response.flushHeaders();
  for (let at = 0; at < body.length; at += 1) {
    await sleep(delayMs, undefined, { signal: wire.signal });
    if (isGone(wire)) return;
    wire.response.write(body.subarray(at, at + 1));
  }
  wire.answered();
  wire.response.end();
}

async function stream(wire: Wire, reply: Reply): Promise<void> {
  head(wire, reply, false);
  const body = Buffer.from(reply.body);
  const chunk = 16 * 1024;
  for (let at = 0; at < body.length; at += chunk) {
    if (isGone(wire)) return;
    await new Promise<void>((resolve) => {
      wire.response.write(body.subarray(at, at + chunk), () => resolve());
    });
  }
  if (isGone(wire)) return;
  wire.answered();
  wire.response.end();
}

/** Faults whose delayMs is within the answer, and not before it. */
const IN_ANSWER: ReadonlySet<string> = new Set([
  'half_answer',
  'cut_refusal',
  'slow_drip',
  'close_keepalive',
]);

/**
 * Writes a reply in the way a fault demands: late, slowly, by half, or never.
 * @throws AbortError when the gate closes while it waits.
 */
export async function writeReply(wire: Wire, reply: Reply, fault: RequestFault | undefined): Promise<void> {
  const name = fault?.fault;
  const inAnswer = name !== undefined && IN_ANSWER.has(name);
  const waitMs = fault?.delayMs ?? (name === 'late_answer' ? 3000 : 0);
  if (waitMs > 0 && !inAnswer) await sleep(waitMs, undefined, { signal: wire.signal });
  if (isGone(wire)) return;
  switch (name) {
    case 'no_answer':
      return;
    case 'reset_before_acceptance':
    case 'reset_after_acceptance':
      return wire.reset();
    case 'half_answer':
    case 'cut_refusal':
      return writeHalf(wire, reply, fault?.delayMs ?? 20);
    case 'wrong_length':
      return writeTooShort(wire, reply);
    case 'compressed':
      return writeCompressed(wire, reply, fault?.coding ?? 'gzip');
    case 'slow_drip':
      return writeSlowly(wire, reply, fault?.delayMs ?? 50);
    case 'oversized_answer':
      return stream(wire, reply);
    case 'close_keepalive': {
      const { socket } = wire.response;
      writeWhole(wire, reply);
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: wire.signal });
      // No Connection: close was said, so the client still counts on this connection.
      socket?.end();
      return;
    }
    default:
      writeWhole(wire, reply);
  }
}
