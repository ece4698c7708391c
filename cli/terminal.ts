import { createInterface } from 'node:readline/promises';
import { type Readable, Writable } from 'node:stream';
import { styleText } from 'node:util';
import { columns } from './format.ts';
import { UsageError } from './usage.ts';

export type Style = Parameters<typeof styleText>[0];
type Stream<Kind> = Kind & { readonly isTTY?: boolean; readonly columns?: number };

/** What a run of the command line has of its surroundings. */
export interface Io {
  readonly stdin: Stream<Readable>;
  readonly stdout: Stream<Writable>;
  readonly stderr: Stream<Writable>;
  /** Emits Ctrl-C and the like, by the names of Node's signals. */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
  /** The time in ms of the Unix epoch, and a pause in ms. */
  readonly clock: { now(): number; sleep(ms: number): Promise<unknown> };
}

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
/** Pause between two frames, in ms. */
const FRAME_TIME = 100;

/** From the cursor's line begin to its end: what a live line is written over with. */
const CLEAR_LINE = '\r\u001b[K';

/** A text in a colour or weight, if the stream that it is printed on has them. */
export function styled(style: Style, text: string, stream: Writable): string {
  if (process.env['NO_COLOR']) return text; // Node has FORCE_COLOR go before it
  // Node looks at isTTY, FORCE_COLOR, CI and the like itself.
  return styleText(style, text, { stream: stream as NodeJS.WriteStream });
}

/**
 * Where a command prints and asks. On a terminal with colours, a line that is written over and questions; anywhere else only plain lines, so
 * that a file or a pipe gets no escape codes. `NO_COLOR` takes the colours away.
 */
export class Terminal {
  readonly io: Io;
  /** Whether only the result is printed, as JSON (`--json`). */
  json = false;
  #live: string | undefined;
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(io: Io) {
    this.io = io;
  }

  /** Prints for people: nothing with `--json`. */
  print(text: string): void {
    if (this.json) return;
    this.#clear();
    this.io.stdout.write(`${text}\n`);
    this.#draw();
  }

  /** Prints rows as columns, for people. @param head their names, if they need any */
  table(rows: readonly (readonly string[])[], head?: readonly string[]): void {
    const lines = columns(head ? [head, ...rows] : rows);
    for (const [index, line] of lines.entries()) {
      this.print(head && index === 0 ? this.style('bold', line) : line);
    }
  }

  /** Prints the result of a command for scripts: only with `--json`. */
  result(value: object): void {
    if (this.json) this.io.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
  }

  /** Prints a problem or a hint to standard error. */
  note(text: string): void {
    this.#clear();
    this.io.stderr.write(`${text}\n`);
    this.#draw();
  }

  /** Shows what is under way, only on a terminal; undefined takes it away. */
  live(text: string | undefined): void {
    if (this.io.stdout.isTTY !== true || this.json) return;
    this.#clear();
    this.#live = text;
    clearInterval(this.#timer);
    if (text !== undefined) {
      this.#draw();
      this.#timer = setInterval(() => {
        this.#frame += 1;
        this.#draw();
      }, FRAME_TIME).unref();
    }
  }

  style(style: Style, text: string): string {
    return styled(style, text, this.io.stdout);
  }

  /**
   * Asks for a yes or a no; no answer is a no.
   *
   * @param otherwise what to say where nobody can be asked: `Nothing was written`
   * @throws UsageError without a terminal, or with `--json`
   */
  async confirm(question: string, otherwise: string): Promise<boolean> {
    const { stdin, stdout } = this.io;
    if (this.json) throw new UsageError(`${otherwise}: --json does not ask, so say --yes`);
    if (stdin.isTTY !== true || stdout.isTTY !== true) {
      throw new UsageError(`${otherwise}: there is no terminal to ask on, so say --yes`);
    }
    const lines = createInterface({ input: stdin, output: stdout });
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    const answer = await Promise.race([lines.question(`${question} [y/N] `), closed]);
    lines.close();
    return /^(y|yes)$/i.test(answer.trim());
  }

  /**
   * Reads a secret, one line, which is not an argument, so that no shell keeps it. A terminal does not show it.
   *
   * @throws UsageError without a line
   */
  async readSecret(question: string): Promise<string> {
    const { stdin, stderr } = this.io;
    const isTerminal = stdin.isTTY === true;
    if (isTerminal) stderr.write(question);
    // With `terminal`, readline takes the echo from the terminal and writes it to `output`, which discards it.
    const output = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input: stdin, output, terminal: isTerminal });
    try {
      for await (const line of lines) {
        if (line.trim() !== '') return line.trim();
      }
    } finally {
      lines.close();
      if (isTerminal) stderr.write('\n');
    }
    throw new UsageError(
      `${question.trim().replace(/:$/, '')} is read from standard input, which has no line`,
    );
  }

  #clear(): void {
    if (this.#live !== undefined) this.io.stdout.write(CLEAR_LINE);
  }

  #draw(): void {
    if (this.#live !== undefined) {
      this.io.stdout.write(`${CLEAR_LINE}${FRAMES[this.#frame % FRAMES.length]} ${this.#live}`);
    }
  }
}

/** Ctrl-C, or a polite kill. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What lets a command that writes end where nothing is half done. A second Ctrl-C ends it at once. */
export class Interruption {
  happened = false;
  readonly #source: Io['signals'];
  readonly #note = () => {
    this.happened = true;
    this.end();
  };

  constructor(source: Io['signals']) {
    this.#source = source;
    for (const signal of SIGNALS) source.on(signal, this.#note);
  }

  /** Leaves signals to themselves again. */
  end(): void {
    for (const signal of SIGNALS) this.#source.off(signal, this.#note);
  }
}
