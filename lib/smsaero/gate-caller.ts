import { VERSION } from '../version.ts';
import { Connections } from './connections.ts';
import { type Exchange, exchange, type Gate } from './exchange.ts';
import { Gates } from './gates.ts';

/** Time for a gate to be connected to, in ms; a handshake from Frankfurt to Moscow takes about 150. */
const CONNECT_TIMEOUT = 700;

/** A request is only written while the gate has this long to answer, in ms: a shorter time would mostly buy unknown outcomes. */
const MIN_ANSWER_TIME = 200;

/** What SMS Aero knows an account by (https://smsaero.ru/cabinet/settings/apikey/). */
export interface Credentials {
  readonly email: string;
  readonly apiKey: string;
}

/** A gate that was passed over, and why: an error code, never a text. */
export interface SkippedGate {
  readonly gate: string;
  readonly cause: string;
}

/** What became of a call, and the way it took. */
export interface Call {
  /** What the gate answered; undefined if not a byte was written to any gate. */
  readonly answer?: Exclude<Exchange, { kind: 'not_written' }> | undefined;
  /** Host name of the gate that took the request; absent if none did. */
  readonly gate?: string | undefined;
  readonly skipped: readonly SkippedGate[];
}

/** Where the gates are. */
export interface GateCallerOptions {
  /** Base URLs in the order of trying, `https://gate.smsaero.org/v2`. */
  readonly gates: readonly string[];
  /** Certificates to trust instead of the well-known ones, in PEM. */
  readonly ca?: string;
}

/** Calls methods of SMS Aero's HTTP API v2: each call goes to the first gate that can be connected to, and is written at most once. */
export class GateCaller {
  readonly #connections: Connections;
  readonly #gates: Gates;
  readonly #places: ReadonlyMap<string, Place>;

  constructor(options: GateCallerOptions) {
    this.#connections = new Connections(options.ca);
    this.#gates = new Gates(options.gates);
    this.#places = new Map(options.gates.map((base) => [base, placeOf(base)]));
  }

  /** Opens a connection to the gate that the first call will go to. */
  prepare(): void {
    const [first] = this.#gates.inOrder();
    const place = first === undefined ? undefined : this.#places.get(first);
    if (place) this.#connections.open(place.gate);
  }

  /**
   * Posts to the first gate that can be connected to; never throws.
   *
   * @param method `sms/send`
   * @param deadline when the answer must be there, in ms of the Unix epoch
   */
  async call(
    credentials: Credentials,
    method: string,
    parameters: Readonly<Record<string, unknown>>,
    deadline: number,
  ): Promise<Call> {
    const body = JSON.stringify(parameters);
    const headers = headersFor(credentials);
    const skipped: SkippedGate[] = [];
    for (const base of this.#gates.inOrder()) {
      const timeout = deadline - Date.now();
      if (timeout <= MIN_ANSWER_TIME) {
        break;
      }
      const { gate, path, name } = this.#places.get(base) ?? placeOf(base);
      const connectTimeout = Math.min(CONNECT_TIMEOUT, timeout - MIN_ANSWER_TIME);
      const request = { gate, path: `${path}/${method}`, headers, body, connectTimeout, timeout };
      const answer = await exchange(this.#connections, request);
      if (answer.kind !== 'not_written') {
        this.#gates.reached(base);
        return { answer, gate: name, skipped };
      }
      if (connectTimeout === CONNECT_TIMEOUT || answer.cause !== 'CONNECT_TIMEOUT') {
        this.#gates.unreachable(base); // a gate that had no time is not to blame
      }
      skipped.push({ gate: name, cause: answer.cause });
    }
    return { skipped };
  }

  /** Closes idle connections. */
  close(): void {
    this.#connections.close();
  }
}

/** A base URL in its parts. */
interface Place {
  readonly gate: Gate;
  readonly path: string;
  /** The host name as a URL has it, for logs. */
  readonly name: string;
}

function placeOf(base: string): Place {
  const { protocol, hostname, port, host, pathname } = new URL(base);
  const plain = protocol === 'http:';
  return {
    gate: {
      protocol: plain ? 'http:' : 'https:',
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (plain ? 80 : 443),
      host,
    },
    path: pathname.replace(/\/$/, ''),
    name: hostname,
  };
}

/** Headers by credentials, which are the same object until the configuration is read anew. */
const headersOf = new WeakMap<Credentials, readonly string[]>();

function headersFor(credentials: Credentials): readonly string[] {
  let headers = headersOf.get(credentials);
  if (!headers) {
    const { email, apiKey } = credentials;
    headers = [
      ['Authorization', `Basic ${Buffer.from(`${email}:${apiKey}`).toString('base64')}`],
      ['Accept', 'application/json'],
      ['Content-Type', 'application/json'],
      ['User-Agent', `smsaero-lambda/${VERSION}`],
    ].flat();
    headersOf.set(credentials, headers);
  }
  return headers;
}
