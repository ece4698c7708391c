import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
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
  readonly bodies: string[];
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
    void text(request).then((body) => {
      gate.bodies.push(body);
      if (gate.answers) response.writeHead(200, gate.headers).end(ACCEPTED);
    });
  };
  const server = certificate ? https.createServer(certificate, answer) : http.createServer(answer);
  server.keepAliveTimeout = 60_000;
  server.on(certificate ? 'secureConnection' : 'connection', (socket: Duplex) => {
    gate.connections.push(socket);
  });
  const { authority, port, close } = await listen(server);
  const gate: PlainGate = {
    server,
    port,
    url: `${certificate ? 'https' : 'http'}://${authority}/v2`,
    connections: [],
    requests: [],
    bodies: [],
    headers: {},
    answers: true,
    close,
  };
  return gate;
}
