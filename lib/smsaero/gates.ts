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
