import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * How long an idle connection is trusted, in ms of the wall clock.
 *
 * A request on a connection that the gate has already closed is written and never answered: an unknown outcome. Lambda freezes
 * the process between invocations, so the close may not have been seen. 4 s is below the 5 s at which Node's own servers hang
 * up, the shortest common default; the price is a new handshake for messages further apart.
 */
const MAX_IDLE = 4_000;

/** Keep-alive connections to the gates, and what is known about each. */
export class Connections {
  readonly #https: https.Agent;
  readonly #http = new http.Agent({ keepAlive: true });
  readonly #ready = new WeakSet<Socket>();
  readonly #trustedUntil = new WeakMap<Socket, number>();

  /** @param ca certificates to trust instead of the well-known ones, in PEM: for gates behind a private authority and for tests */
  constructor(ca?: string) {
    // Stated here so that no environment variable (NODE_TLS_REJECT_UNAUTHORIZED) can switch verification off.
    this.#https = new https.Agent({ keepAlive: true, rejectUnauthorized: true, ...(ca ? { ca } : {}) });
  }

  /** The agent for a gate; connections that idled too long are closed first, so that it cannot hand one out. */
  agentFor(url: URL): http.Agent {
    const agent = url.protocol === 'https:' ? this.#https : this.#http;
    const now = Date.now();
    for (const socket of Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])) {
      if ((this.#trustedUntil.get(socket) ?? 0) <= now) {
        socket.destroy();
      }
    }
    return agent;
  }

  /** Calls back as soon as bytes written to the socket would really leave: connected, handshake done, certificate verified. */
  whenReady(socket: Socket, callback: () => void): void {
    if (this.#ready.has(socket)) {
      callback();
      return;
    }
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
      this.#ready.add(socket);
      callback();
    });
  }

  /** Notes that a connection is about to idle after this answer; the gate's own `Keep-Alive: timeout=` shortens the trust. */
  idle(socket: Socket, answer: IncomingMessage): void {
    const hint = /timeout=(\d+)/.exec(String(answer.headers['keep-alive'] ?? ''))?.[1];
    const trust = hint === undefined ? MAX_IDLE : Math.min(MAX_IDLE, Number(hint) * 1000 - 1000);
    this.#trustedUntil.set(socket, Date.now() + trust);
  }

  /** Closes all connections. */
  close(): void {
    this.#https.destroy();
    this.#http.destroy();
  }
}
