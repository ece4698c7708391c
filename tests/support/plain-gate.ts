import type http from 'node:http';
import { createServer } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { listen } from '../../local/loopback.ts';
import type { Certificate } from './certificate.ts';

/** What tests of the gateway's client send, and how a gate takes it. */
export const CREDENTIALS = { email: 'owner@example.com', apiKey: 'testKey_0123456789_testKey_01234' };
export const MESSAGE = { number: '79031234567', senderName: 'SMSAero', text: 'Ваш код: 482913' };
export const ACCEPTED = JSON.stringify({ success: true, data: { id: 1, status: 0, cost: 1 }, message: null });

/** A gate that accepts every message and notes what reaches it: no simulator, only its socket. */
export interface PlainGate {
  readonly server: http.Server;
  readonly port: number;
  readonly url: string;
  /** Connections so far; over TLS those whose handshake is done. */
  readonly connections: Duplex[];
  readonly requests: http.IncomingMessage[];
  /** Headers of its answers. */
  headers: Record<string, string>;
  /** Whether it answers. */
  answers: boolean;
  close(): Promise<void>;
}

/** @param certificate for a gate over TLS */
export async function startPlainGate(certificate?: Certificate): Promise<PlainGate> {
  const answer: http.RequestListener = (request, response) => {
    gate.requests.push(request);
    request.resume().on('end', () => gate.answers && response.writeHead(200, gate.headers).end(ACCEPTED));
  };
  const server = certificate ? https.createServer(certificate, answer) : createServer(answer);
  server.keepAliveTimeout = 60_000;
  server.on(certificate ? 'secureConnection' : 'connection', (socket: Duplex) => {
    gate.connections.push(socket);
  });
  const { authority, port, close } = await listen(server);
  const url = `${certificate ? 'https' : 'http'}://${authority}/v2`;
  const gate: PlainGate = {
    server,
    port,
    url,
    connections: [],
    requests: [],
    headers: {},
    answers: true,
    close,
  };
  return gate;
}
