import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];
type Stream<Kind> = Kind & { readonly isTTY?: boolean };

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
/** Pause between two frames, in ms. */
const FRAME_TIME = 100;

/** From the cursor's line begin to its end: what a live line is written over with. */
const CLEAR_LINE = '\r\u001b[K';

/**
 * Where a command prints and asks. On a terminal with colours, a line that is written over and questions; anywhere else plain lines alone, so
 * that a file or a pipe gets no escape codes. `NO_COLOR` takes the colours away.
 */
export class Terminal {
  readonly #input: Stream<Readable>;
  readonly #output: Stream<Writable>;
  readonly #errors: Stream<Writable>;
  #live: string | undefined;
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(input: Stream<Readable>, output: Stream<Writable>, errors: Stream<Writable>) {
    this.#input = input;
    this.#output = output;
    this.#errors = errors;
  }

  /** Whether somebody can be asked. */
  get interactive(): boolean {
    return this.#input.isTTY === true && this.#output.isTTY === true;
  }

  /** Prints a result. */
  print(text: string): void {
    this.#clear();
    this.#output.write(`${text}\n`);
    this.#draw();
  }

  /** Prints what is no result: a problem, a hint. */
  note(text: string): void {
    this.#clear();
    this.#errors.write(`${text}\n`);
    this.#draw();
  }

  /** Shows what is under way, on a terminal alone; undefined takes it away. */
  live(text: string | undefined): void {
    if (this.#output.isTTY !== true) return;
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

  /** A text in a colour or weight, if what it is printed on has them. */
  style(style: Style, text: string): string {
    if (process.env['NO_COLOR']) return text; // Node has FORCE_COLOR go before it
    // Node looks at isTTY, FORCE_COLOR and the like itself.
    return styleText(style, text, { stream: this.#output as NodeJS.WriteStream });
  }

  /** Asks for a yes or a no; no answer is a no. */
  async confirm(question: string): Promise<boolean> {
    const lines = createInterface({ input: this.#input, output: this.#output });
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    const answer = await Promise.race([lines.question(`${question} [y/N] `), closed]);
    lines.close();
    return /^(y|yes)$/i.test(answer.trim());
  }

  #clear(): void {
    if (this.#live !== undefined) this.#output.write(CLEAR_LINE);
  }

  #draw(): void {
    if (this.#live !== undefined) {
      this.#output.write(`${CLEAR_LINE}${FRAMES[this.#frame % FRAMES.length]} ${this.#live}`);
    }
  }
}
