/** Ctrl-C, or a polite kill. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What lets a command that writes end where nothing is half done. A second Ctrl-C ends it at once. */
export class Interruption {
  #happened = false;
  readonly #note = () => {
    this.#happened = true;
    this.end();
  };

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#note);
  }

  get happened(): boolean {
    return this.#happened;
  }

  /** Leaves signals to themselves again. */
  end(): void {
    for (const signal of SIGNALS) process.off(signal, this.#note);
  }
}
