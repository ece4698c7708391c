import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

/**
 * How long an idle connection is trusted, in ms of the wall clock.
 *
 * A request on a connection that the gate has already closed is written and never answered: an unknown outcome. Lambda freezes
 * the process between invocations, so the close may not have been seen. 4 s is below the 5 s at which Node's own servers hang
 * up, the shortest common default; the price is a new handshake for messages further apart.
 */
const MAX_IDLE = 4_000;

/** Where a gate is, in the parts that Node's client takes. */
export interface Gate {
  readonly protocol: 'https:' | 'http:';
  /** Of IPv6 without brackets. */
  readonly hostname: string;
  readonly port: number;
}

/** An agent whose first connection to a gate may have been opened ahead of the request. */
class EarlyAgent extends https.Agent {
  readonly #early = new Map<string, { readonly socket: Duplex; readonly until: number }>();

  /** Opens a connection for the next request to this gate; it is trusted as long as an idle one. */
  open({ hostname: host, port }: Gate, onReady: (socket: Duplex) => void): void {
    const servername = isIP(host) ? '' : host;
    const options = { ...this.options, host, port, servername };
    const socket = super.createConnection(options);
    socket?.on('error', () => undefined); // the request opens another one, which reports what is wrong
    socket?.once('secureConnect', () => onReady(socket));
    if (socket) this.#early.set(`${host}:${port}`, { socket, until: Date.now() + MAX_IDLE });
  }

  override createConnection(
    options: https.RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const key = `${options.host}:${options.port}`;
    const early = this.#early.get(key);
    this.#early.delete(key);
    if (early && !early.socket.destroyed && early.socket.readableLength === 0 && early.until > Date.now())
      return early.socket;
    early?.socket.destroy();
    return super.createConnection(options, callback);
  }

  override destroy(): void {
    for (const { socket } of this.#early.values()) socket.destroy();
    super.destroy();
  }
}

/** Keep-alive connections to the gates, and what is known about each. */
export class Connections {
  readonly #https: EarlyAgent;
  readonly #http = new http.Agent({ keepAlive: true });
  readonly #ready = new WeakSet<Duplex>();
  readonly #trustedUntil = new WeakMap<Socket, number>();

  /** @param ca certificates to trust instead of the well-known ones, in PEM: for gates behind a private authority and for tests */
  constructor(ca?: string) {
    // Stated here so that no environment variable (NODE_TLS_REJECT_UNAUTHORIZED) can switch verification off.
    this.#https = new EarlyAgent({ keepAlive: true, rejectUnauthorized: true, ...(ca ? { ca } : {}) });
  }

  /** Opens a connection that the next request to this gate finds ready; plain HTTP is for loopback, where nothing is to be gained. */
  open(gate: Gate): void {
    if (gate.protocol === 'https:') this.#https.open(gate, (socket) => this.#ready.add(socket));
  }

  /** The agent for a gate; connections that idled too long are closed first, so that it cannot hand one out. */
  agentFor(gate: Gate): http.Agent {
    const agent = gate.protocol === 'https:' ? this.#https : this.#http;
    const now = Date.now();
    for (const name in agent.freeSockets) {
      for (const socket of agent.freeSockets[name] ?? []) {
        if ((this.#trustedUntil.get(socket) ?? 0) <= now) {
          socket.destroy();
        }
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
