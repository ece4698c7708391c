import type { Message } from '../message.ts';
import type { Courier } from './courier.ts';
import { draftReports } from './draft.ts';
import type { ReportOptions } from './options.ts';

/** The reports of one message: when each sets out, and which of them the gate's answer waits for. */
export class MessageReports {
  readonly #courier: Courier;
  readonly #callbackUrl: string;
  readonly #options: ReportOptions;
  readonly #onDone: () => void;
  readonly #answer = Promise.withResolvers<void>();
  #held: Message[] = [];
  // Changes that are still to come, reports not yet tried, changes whose reports are under way.
  #left = 0;
  #untried = 0;
  #underWay = 0;
  #hasTried = false;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param onDone called whenever nothing is under way or to come; another change may still be told. */
  constructor(courier: Courier, callbackUrl: string, options: ReportOptions, onDone: () => void) {
    this.#courier = courier;
    this.#callbackUrl = callbackUrl;
    this.#options = options;
    this.#onDone = onDone;
  }

  /** When the gate may answer `sms/send`: at once unless the options say `early`. */
  get mayAnswer(): Promise<void> {
    return this.#options.early === undefined ? Promise.resolve() : this.#answer.promise;
  }

  /**
   * Takes a status to report (none for a message that is born queued).
   * @param left changes that are still to come.
   */
  tell(message: Message | undefined, left: number): void {
    this.#left = left;
    if (message) this.#held.push(message);
    if (!this.#options.reorder || left === 0) this.#release();
    this.#note();
  }

  /** No change comes any more. */
  end(): void {
    this.tell(undefined, 0);
  }

  #release(): void {
    const due = this.#options.reorder ? this.#held.reverse() : this.#held;
    this.#held = [];
    for (const message of due) {
      const drafts = draftReports(message, this.#callbackUrl, this.#options);
      this.#untried += drafts.length;
      this.#underWay += 1;
      const onTried = () => {
        this.#untried -= 1;
        this.#hasTried = true;
        this.#note();
      };
      this.#turn = this.#turn
        .then(() => Promise.all(drafts.map((draft) => this.#courier.deliver(draft, this.#options, onTried))))
        .then(() => {
          this.#underWay -= 1;
          this.#note();
        });
    }
  }

  #note(): void {
    const isAllTried = this.#left === 0 && this.#untried === 0;
    if (isAllTried || (this.#options.early === 'first' && this.#hasTried)) this.#answer.resolve();
    if (this.#left === 0 && this.#underWay === 0) this.#onDone();
  }
}
