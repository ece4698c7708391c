import type {
  Message,
  MessageStatus,
  ReportOptions,
  RequestFault,
  Step,
} from '../../../../local/simulator/index.ts';
import { chance, pick } from '../../../support/random.ts';

/** What goes wrong with a share of the messages, by weight. */
const ENDS: readonly { weight: number; steps: readonly MessageStatus[] }[] = [
  { weight: 60, steps: [3, 1] },
  { weight: 10, steps: [4, 1] },
  { weight: 8, steps: [8, 3, 1] },
  { weight: 8, steps: [3, 2] },
  { weight: 5, steps: [6] },
  { weight: 4, steps: [8, 6] },
  { weight: 3, steps: [3] }, // no operator ever answers
  { weight: 2, steps: [1] },
];

/** Delivered, undelivered, rejected, and on its way for ever. */
const LAST_STATES = 4;

const WAYS: readonly { weight: number; options: ReportOptions }[] = [
  { weight: 30, options: {} },
  { weight: 10, options: { format: 'JSON' } },
  { weight: 6, options: { format: 'JSON', strings: true } },
  { weight: 4, options: { method: 'GET' } },
  { weight: 12, options: { copies: 3 } },
  { weight: 12, options: { reorder: true } },
  { weight: 8, options: { early: 'first' } },
  { weight: 8, options: { early: 'all', copies: 2 } },
  { weight: 4, options: { foreignId: 1 } },
  { weight: 4, options: { extra: { number: '79990000000', cost: '1.00' } } },
  { weight: 8, options: { never: true } },
];

/** A seed by which so few messages meet everything: each last state, each way to report, and no answer. */
export function seedOfAll(numbers: readonly string[], from: number): number {
  const kinds = (plan: DeliveryPlan) =>
    numbers.flatMap((number) =>
      plan.fault(number) ? ['fault'] : [plan.end(number).at(-1), JSON.stringify(plan.way(number))],
    );
  for (let seed = from; ; seed += 1) {
    if (new Set(kinds(new DeliveryPlan(seed))).size === LAST_STATES + WAYS.length + 1) return seed;
  }
}

/** What becomes of each message, each report, each event and each write, by the seed alone. */
export class DeliveryPlan {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** The states of a message after it was taken. */
  end(number: string): readonly MessageStatus[] {
    return pick(chance(this.#seed, 'end', number), ENDS).steps;
  }

  /** How SMS Aero reports on a message. */
  way(number: string): ReportOptions {
    return pick(chance(this.#seed, 'way', number), WAYS).options;
  }

  /** The way of a message at the operator, in ms after it was taken. */
  steps({ number }: Message): readonly Step[] {
    // A way that begins at once, or after a moment: both sides of the answer.
    const begin = chance(this.#seed, 'begin', number) < 0.2 ? 0 : 30;
    return this.end(number).map((status, index) => ({ status, afterMs: begin + index * 40 }));
  }

  reports({ number }: Message): ReportOptions {
    const options = this.way(number);
    // Where no answer told the id, the first report does: one about another message could not be told from it.
    const { foreignId: _, ...known } = options;
    return { repeats: 50, pauseMs: 20, ...(this.fault(number) ? known : options) };
  }

  /** Three messages in a hundred have no answer of SMS Aero's, though most of them are taken. */
  fault(number: string): RequestFault | undefined {
    const roll = chance(this.#seed, 'fault', number);
    if (roll < 0.01) return { fault: 'server_error_json', accept: true };
    if (roll < 0.02) return { fault: 'reset_after_acceptance' };
    return roll < 0.03 ? { fault: 'bad_gateway_html', accept: false } : undefined;
  }

  /** Whether a command comes twice. */
  isRepeated(index: number): boolean {
    return chance(this.#seed, 'repeated', index) < 0.05;
  }

  /** Whether the bus refuses an event, this time. */
  refusesEvent(time: number): boolean {
    return chance(this.#seed, 'event', time) < 0.03;
  }

  /** What the table does to a write of a delivery. */
  tableFailure(time: number): 'throttle' | 'lost_answer' | undefined {
    const roll = chance(this.#seed, 'table', time);
    return roll < 0.02 ? 'throttle' : roll < 0.04 ? 'lost_answer' : undefined;
  }
}
