import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

/**
 * How long an idle connection is trusted, in ms of the wall clock.
 *
 * A request on a connection that the gate has already closed is written and never answered: an unknown outcome. Lambda freezes
 * the process between invocations, so the close may not have been seen. 4 s is below the 5 s at which Node's servers hang
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

/** How long a proxy has for a tunnel that no request waits for any more, in ms: as long as the longest deadline. */
const TUNNEL_TIMEOUT_MS = 25_000;

/**
 * An agent whose first connection to a gate may have been opened ahead of the request, or leads through a proxy.
 *
 * Node's agent tunnels through a proxy by itself (CONNECT), and gives a request its socket only when the handshake with the gate inside the
 * tunnel is done. What a proxy refuses is an error of a request that has no socket.
 */
class GateAgent extends https.Agent {
  readonly #early = new Map<string, { readonly socket: Duplex; readonly until: number }>();
  readonly #isProxied: boolean;

  constructor(options: https.AgentOptions) {
    super(options);
    this.#isProxied = Boolean(options.proxyEnv?.['https_proxy'] || options.proxyEnv?.['HTTPS_PROXY']);
  }

  /** Opens a connection for the next request to this gate; it is trusted as long as an idle one. Not where a proxy is used. */
  open({ hostname: host, port }: Gate): void {
    if (this.#isProxied) return; // what is opened first is a connection to the proxy, not to the gate
    const servername = isIP(host) ? '' : host;
    const options = { ...this.options, host, port, servername };
    const socket = super.createConnection(options);
    socket?.on('error', () => undefined); // the request opens another one, which reports what is wrong
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
    if (!this.#isProxied) return super.createConnection(options, callback);
    const socket = super.createConnection(options, (error, stream) => {
      clearTimeout(timer);
      callback?.(error, stream);
    });
    // A tunnel that the proxy does not open stays when its request has gone to the next gate. What requests use is past the proxy (NO_PROXY).
    const timer = setTimeout(() => {
      const isUsed = Object.values(this.sockets).some((sockets) => sockets?.includes(socket as Socket));
      if (!isUsed) socket?.destroy();
    }, TUNNEL_TIMEOUT_MS).unref();
    return socket;
  }

  override destroy(): void {
    for (const { socket } of this.#early.values()) socket.destroy();
    super.destroy();
  }
}

/** Keep-alive connections to the gates, and what is known about each. */
export class Connections {
  readonly #https: GateAgent;
  readonly #http = new http.Agent({ keepAlive: true });
  readonly #trustedUntil = new WeakMap<Socket, number>();

  /** @param ca certificates to trust instead of the well-known ones, in PEM: for gates behind a private authority and for tests */
  constructor(ca?: string) {
    // Stated here so that no environment variable (NODE_TLS_REJECT_UNAUTHORIZED) can switch verification off. The proxy is that of Node's
    // agent, which has one with NODE_USE_ENV_PROXY=1 or --use-env-proxy.
    const { proxyEnv } = https.globalAgent.options;
    this.#https = new GateAgent({
      keepAlive: true,
      rejectUnauthorized: true,
      ...(ca ? { ca } : {}),
      ...(proxyEnv ? { proxyEnv } : {}),
    });
  }

  /** Opens a connection that the next request to this gate finds ready; plain HTTP is for loopback, where nothing is to be gained. */
  open(gate: Gate): void {
    if (gate.protocol === 'https:') this.#https.open(gate);
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
    const isTls = socket instanceof TLSSocket;
    const isReady = isTls ? socket.authorized : !socket.connecting;
    if (isReady && !socket.destroyed) {
      callback();
    } else {
      socket.once(isTls ? 'secureConnect' : 'connect', callback);
    }
  }

  /** Notes that a connection is about to idle after this answer; the gate's `Keep-Alive: timeout=` shortens the trust. */
  idle(socket: Socket, answer: IncomingMessage): void {
    const hint = /timeout=(\d+)/.exec(String(answer.headers['keep-alive'] ?? ''))?.[1];
    const trust = hint === undefined ? MAX_IDLE : Math.min(MAX_IDLE, Number(hint) * 1000 - 1000);
    this.#trustedUntil.set(socket, Date.now() + trust);
  }

  close(): void {
    this.#https.destroy();
    this.#http.destroy();
  }
}
