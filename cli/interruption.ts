import type { Io } from './terminal.ts';

/** Ctrl-C, or a polite kill. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What lets a command that writes end where nothing is half done. A second Ctrl-C ends it at once. */
export class Interruption {
  readonly #source: Io['signals'];
  #happened = false;
  readonly #note = () => {
    this.#happened = true;
    this.end();
  };

  constructor(source: Io['signals']) {
    this.#source = source;
    for (const signal of SIGNALS) source.on(signal, this.#note);
  }

  get happened(): boolean {
    return this.#happened;
  }

  /** Leaves signals to themselves again. */
  end(): void {
    for (const signal of SIGNALS) this.#source.off(signal, this.#note);
  }
}
