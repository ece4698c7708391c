import { between, chance, pick } from '../../support/random.ts';
import type { TableCall, TableFailure } from '../../support/table.ts';
import { type GateFault, gateFaults } from './gate-faults.ts';

/** What a run is made of. */
export interface ChaosOptions {
  readonly messages: number;
  /** Messages under way at the same time. */
  readonly concurrency: number;
  readonly seed: number;
  /** Share of the requests to the gates that are faulted, 0 to 1; connections are faulted beside. */
  readonly faults: number;
  /** Processes of the function: a repeat mostly meets another one than the first request did. */
  readonly functions: number;
  /** The deadline of the function, in ms. */
  readonly deadline: number;
  /** The time-out of the guard, in ms. Default: as deployed. */
  readonly guardTimeout?: number;
  /** When the API key changes: between messages, or while messages and their repeats are under way. */
  readonly rotation: 'drained' | 'live' | 'off';
}

/** How a caller takes an answer, see callers.ts. */
export type CallerKind = 'plain' | 'supabase' | 'okta' | 'async';

/** One person who waits for one code. */
export interface PlannedMessage {
  readonly index: number;
  /** Digits with the country code; each has a block of 1,000 numbers to itself. */
  readonly number: string;
  readonly code: string;
  readonly caller: CallerKind;
  /** A second, equal request so many ms after the first; undefined for none. */
  readonly doubleClick: number | undefined;
  /** Whether the caller loses the first answer and asks again, after so many ms. */
  readonly loses: number | undefined;
  /** An equal request after all is over, as a proxy replays one. */
  readonly replayed: boolean;
}

/** What a gate does to connections for a while. */
export type GateState = 'up' | 'down' | 'tls_hang' | 'tls_failure' | 'reset_on_connect';

const CALLERS = [
  { caller: 'plain', weight: 2 },
  { caller: 'supabase', weight: 3 },
  { caller: 'okta', weight: 3 },
  { caller: 'async', weight: 2 },
] as const;

const STATES: readonly { readonly state: GateState; readonly weight: number }[] = [
  { state: 'up', weight: 6 },
  { state: 'down', weight: 2 },
  { state: 'tls_hang', weight: 1 },
  { state: 'tls_failure', weight: 1 },
  { state: 'reset_on_connect', weight: 1 },
];

const TABLE_FAILURES = [
  { failure: 'throttle', weight: 3 },
  { failure: 'server_error', weight: 2 },
  { failure: 'reset', weight: 2 },
  { failure: 'lost_answer', weight: 3 },
] as const;

/** The part of the phases without any sound gate that stay so. */
const BLACKOUT = 0.3;

/** The part of DynamoDB calls that fail, repeated ones too. */
const TABLE_FAULTS = 0.15;

/**
 * The number of a message. No two of the first 40,000 share a block of 1,000 (all but the last three digits) or look alike in a
 * log (+7903•••1234, the last four digits).
 */
function numberOf(index: number): string {
  const digits = (value: number, width: number) => String(value).padStart(width, '0');
  return `790${3 + Math.floor(index / 10_000)}${digits(index % 1_000, 3)}${digits(index % 10_000, 4)}`;
}

/** Everything that goes wrong in a run, decided by the seed and by what it happens to. */
export class Plan {
  readonly options: ChaosOptions;
  readonly #faults: readonly GateFault[];

  constructor(options: ChaosOptions) {
    this.options = options;
    this.#faults = gateFaults(options.deadline);
  }

  message(index: number): PlannedMessage {
    const roll = (...what: (string | number)[]) => chance(this.options.seed, 'message', index, ...what);
    const maybe = (share: number, what: string, least: number, most: number) =>
      roll(what) < share ? between(roll(what, 'ms'), least, most) : undefined;
    return {
      index,
      number: numberOf(index),
      code: String(between(roll('code'), 100_000, 999_999)),
      caller: pick(roll('caller'), CALLERS).caller,
      doubleClick: maybe(0.15, 'double click', 0, 30),
      loses: maybe(0.15, 'loses', 5, 300),
      replayed: roll('replayed') < 0.1,
    };
  }

  /** The fault of the n-th request for a number, from 1. */
  gateFault(number: string, attempt: number): GateFault | undefined {
    const roll = (what: string) => chance(this.options.seed, what, number, attempt);
    return roll('faulted') < this.options.faults ? pick(roll('fault'), this.#faults) : undefined;
  }

  /** The states of the three gates in a phase of the run. At most one hangs, which costs each message 700 ms; one is up mostly. */
  gateStates(phase: number): readonly GateState[] {
    const roll = (...what: (string | number)[]) => chance(this.options.seed, 'phase', phase, ...what);
    const states: GateState[] = [0, 1, 2].map((gate) => pick(roll('gate', gate), STATES).state);
    const hanging = states.indexOf('tls_hang');
    const last = roll('blackout') < BLACKOUT ? undefined : between(roll('last'), 0, 2);
    return states.map((state, gate) => {
      if (!states.includes('up') && gate === last) return 'up';
      return state === 'tls_hang' && gate !== hanging ? 'down' : state;
    });
  }

  /** The failure of a call to the table; `occurrence` counts calls of the same operation on the same item. */
  tableFailure({ operation, key }: TableCall, occurrence: number): TableFailure | undefined {
    const roll = (what: string) => chance(this.options.seed, what, operation, key, occurrence);
    return roll('table') < TABLE_FAULTS ? pick(roll('table failure'), TABLE_FAILURES).failure : undefined;
  }

  /** How many calls to Parameter Store fail behind the n-th refused key; two are one more than the SDK tries. */
  parameterFailures(refusal: number): number {
    return between(chance(this.options.seed, 'parameters', refusal), 0, 2);
  }
}
