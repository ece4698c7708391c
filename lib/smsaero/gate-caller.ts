import { VERSION } from '../version.ts';
import { isForeign } from './answer.ts';
import { Connections, type Gate } from './connections.ts';
import { type Exchange, exchange } from './exchange.ts';

/** The least time for a gate to be connected to where there is as much, in ms; a handshake from Frankfurt to Moscow takes about 150. */
const MIN_CONNECT_TIME_MS = 700;

/** A request is only written while the gate has this long to answer, in ms: a shorter time would mostly buy unknown outcomes. */
const MIN_ANSWER_TIME_MS = 200;

/**
 * Time for name resolution, connection and handshake of the next gate, in ms: what is left, less the time for an answer, in equal parts for the
 * gates that are still to be tried; but 700 ms where there is as much.
 *
 * Of the default 2 s the first of three gates has 700 ms, not a third of 1,800; if it is dead, the second has 700 of the 1,300 that are left, and
 * after a second dead one the third has 400 (600 - 200). Of 10 s each has 3,266 (9,800 / 3), which is enough for a network where a handshake
 * takes seconds. A gate that could not be reached in the last minute comes last, so that a dead one takes its part once a minute.
 *
 * @param left time until the answer must be there, in ms
 * @param gates how many are still to be tried, this one among them
 */
export function connectTimeMs(left: number, gates: number): number {
  const free = left - MIN_ANSWER_TIME_MS;
  return Math.floor(Math.min(free, Math.max(MIN_CONNECT_TIME_MS, free / gates)));
}

/** What SMS Aero knows an account by (https://smsaero.ru/cabinet/settings/apikey/). */
export interface Credentials {
  readonly email: string;
  readonly apiKey: string;
}

/** A gate that was passed over, and why: an error code of the connection, or `HTTP_403` for a refusal that is not SMS Aero's; never a text. */
export interface SkippedGate {
  readonly gate: string;
  readonly cause: string;
}

type Answer = Exclude<Exchange, { kind: 'not_written' }>;

/** How a call ended, and the way it took. */
export interface Call {
  /** What the gate answered; undefined if not a byte was written to any gate. */
  readonly answer?: Answer | undefined;
  /** Host name of the gate that took the request; absent if none did. */
  readonly gate?: string | undefined;
  /** The other gates that were asked before, or after it where only a proxy answered. */
  readonly skipped: readonly SkippedGate[];
}

export interface GateCallerOptions {
  /** Base URLs in the order of trying, `https://gate.smsaero.org/v2`. */
  readonly gates: readonly string[];
  /** Certificates to trust instead of the well-known ones, in PEM. */
  readonly ca?: string;
}

/**
 * Calls methods of SMS Aero's HTTP API v2: each call goes to the first gate that can be connected to. The next one is asked only if SMS Aero
 * provably accepted nothing: not a byte was written, or what answered was a refusal that is not SMS Aero's.
 */
export class GateCaller {
  readonly #connections: Connections;
  readonly #gates: Gates;

  constructor(options: GateCallerOptions) {
    this.#connections = new Connections(options.ca);
    this.#gates = new Gates(options.gates);
  }

  /** Opens a connection to the gate that the first call will go to, while a function initialises. */
  prepare(): void {
    const [first] = this.#gates.inOrder();
    if (first !== undefined) this.#connections.open(gateOf(new URL(first)));
  }

  /**
   * Posts to the gates in turn until SMS Aero answers, or may have taken the request; never throws.
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
    let foreign: { readonly answer: Answer; readonly gate: string; readonly index: number } | undefined;
    const bases = this.#gates.inOrder();
    for (const [index, base] of bases.entries()) {
      const timeout = deadline - Date.now();
      if (timeout <= MIN_ANSWER_TIME_MS) {
        break;
      }
      const url = new URL(base);
      const name = url.hostname;
      const path = `${url.pathname.replace(/\/$/, '')}/${method}`;
      const connectTimeout = connectTimeMs(timeout, bases.length - index);
      const request = { gate: gateOf(url), path, headers, body, connectTimeout, timeout };
      const answer = await exchange(this.#connections, request);
      if (answer.kind === 'not_written') {
        if (connectTimeout >= MIN_CONNECT_TIME_MS || answer.cause !== 'CONNECT_TIMEOUT') {
          this.#gates.unreachable(base); // a gate that had no time is not to blame
        }
        skipped.push({ gate: name, cause: answer.cause });
      } else if (answer.kind === 'answered' && isForeign(answer)) {
        this.#gates.unreachable(base);
        foreign = { answer, gate: name, index: skipped.length };
        skipped.push({ gate: name, cause: `HTTP_${answer.statusCode}` });
      } else {
        this.#gates.reached(base);
        return { answer, gate: name, skipped };
      }
    }
    if (foreign) {
      const { answer, gate, index } = foreign; // the last one says why, with its status
      return { answer, gate, skipped: skipped.toSpliced(index, 1) };
    }
    return { skipped };
  }

  close(): void {
    this.#connections.close();
  }
}

function gateOf({ protocol, hostname, port }: URL): Gate {
  const plain = protocol === 'http:';
  return {
    protocol: plain ? 'http:' : 'https:',
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (plain ? 80 : 443),
  };
}

function headersFor({ email, apiKey }: Credentials): Readonly<Record<string, string>> {
  return {
    Authorization: `Basic ${Buffer.from(`${email}:${apiKey}`).toString('base64')}`,
    Accept: 'application/json',
    'Content-Type': 'application/json',
    'User-Agent': `smsaero-lambda/${VERSION}`,
  };
}

/** How long a gate that could not be reached is tried last, in ms: what it costs to wait for it is paid once a minute, not by everyone. */
const REST_MS = 60_000;

/**
 * The gates of SMS Aero in the order of trying: as configured, but one that could not be reached in the last minute comes last. So does one
 * where something else answered: a filter's page means us, and stays for longer than a message.
 *
 * From some networks outside of Russia gate.smsaero.ru takes the TCP connection and never ends the TLS handshake, so the
 * order and the memory matter: without them every message would wait for the connect timeout.
 */
export class Gates {
  readonly #restsUntil = new Map<string, number>();
  readonly #urls: readonly string[];

  /** @param urls base URLs, `https://gate.smsaero.org/v2`, without a slash at the end */
  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  /** The gates, best first. */
  inOrder(): string[] {
    const now = Date.now();
    const rested = (url: string) => (this.#restsUntil.get(url) ?? 0) <= now;
    return [...this.#urls.filter(rested), ...this.#urls.filter((url) => !rested(url))];
  }

  /** Notes that a gate could not be reached, or that what answered was not SMS Aero. */
  unreachable(url: string): void {
    this.#restsUntil.set(url, Date.now() + REST_MS);
  }

  /** Notes that a gate was reached, whatever it answered, or did not. */
  reached(url: string): void {
    this.#restsUntil.delete(url);
  }
}
