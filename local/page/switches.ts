import { EventEmitter } from 'node:events';
import {
  type Account,
  FaultOrderError,
  type Gate,
  type Progress,
  type ReportOptions,
  type RequestFault,
} from '../simulator/index.ts';
import type { FaultSwitch, SwitchedFor } from './contract.ts';

/** What a switch makes the simulator do. */
interface Play {
  readonly request?: RequestFault;
  /** Every gate refuses connections. */
  readonly down?: true;
  readonly reports?: ReportOptions;
  readonly progress?: Progress;
}

/** What a switch is called, what comes of it, and what it plays: by default the fault of its name. */
type Row =
  | readonly [name: RequestFault['fault'], title: string, effect: string]
  | readonly [name: string, title: string, effect: string, play: Play];

const late = (delayMs: number): Play => ({ request: { fault: 'late_answer', delayMs } });
const LOST: Progress = [{ status: 2, afterMs: 1_000 }];

const UNKNOWN = 'Unknown (504): it may have been sent, so it is never sent again.';
const FAILED = 'Failed (502): nothing was sent.';
const UNAVAILABLE = 'Failed (503): no gate can be reached, nothing was sent.';
const LIMITED = 'Failed (503), with a time to come back.';
const BAD_NUMBER = 'Failed (400): this number cannot have messages.';
const ACCEPTED = 'Accepted: nobody notices.';
const DELIVERED = 'Accepted and delivered.';
const ONCE = 'Accepted and delivered, once.';
const REPORTLESS = 'Accepted and delivered: SMS Aero reports nothing, and is asked minutes later.';

/**
 * All switches by group. Faults of TLS are missing, since the gates of the local stack speak plain HTTP, and so is `reset_on_connect`: without
 * a handshake before it, chance says whether the request was written.
 */
const GROUPS: Readonly<Record<string, readonly Row[]>> = {
  'The account': [
    ['no_money', 'No money', FAILED],
    ['unauthorized', 'Wrong e-mail or API key', FAILED],
    ['ip_not_allowed', 'Address not in the account’s list', FAILED],
    ['bad_sender_name', 'Sender name not approved', FAILED],
    ['forbidden', 'Forbidden', FAILED],
    ['legacy_no_credits', 'No money, in the words of API v1', FAILED],
    ['legacy_reject', 'Sender name refused, in the words of API v1', FAILED],
  ],
  'The number': [
    ['blacklisted', 'Number on a blacklist', BAD_NUMBER],
    ['invalid_number', 'Number not valid', BAD_NUMBER],
  ],
  'Slow or down': [
    ['late_answer', 'Slow: answers after 1 s', 'Accepted, a second later.', late(1_000)],
    ['too_slow', 'Too slow: answers after 5 s', UNKNOWN, late(5_000)],
    ['down', 'Down', UNAVAILABLE, { down: true }],
    ['rate_limited', 'Too many requests', LIMITED, { request: { fault: 'rate_limited', retryAfter: 7 } }],
    ['block_page', 'Blocked by a filter in front of SMS Aero', FAILED],
    ['server_error_json', 'Server error', UNKNOWN],
    ['bad_gateway_html', 'Bad gateway, with a page of HTML', UNKNOWN],
    ['slow_drip', 'Answers one byte at a time', 'Unknown (504): the answer does not end in time.'],
  ],
  'Lost or broken answers': [
    ['no_answer', 'Lost answer', UNKNOWN],
    ['reset_after_acceptance', 'Connection cut after the message was taken', UNKNOWN],
    ['reset_before_acceptance', 'Connection cut before the message was taken', UNKNOWN],
    ['half_answer', 'Half an answer', UNKNOWN],
    ['truncated_json', 'Cut JSON', UNKNOWN],
    ['cut_refusal', 'Cut refusal', FAILED],
    ['wrong_length', 'Shorter than it says', ACCEPTED],
    ['oversized_answer', 'Far too long an answer', UNKNOWN],
    ['compressed', 'Compressed, though nobody asked for it', ACCEPTED],
    ['html_200', 'A page of HTML instead of an answer', UNKNOWN],
    ['success_false', 'Success: false', FAILED],
    ['success_null_data', 'Success without a message', UNKNOWN],
    ['redirect', 'Redirect elsewhere', FAILED],
    ['array_data', 'A list instead of an object', ACCEPTED],
    ['string_types', 'Numbers as texts', ACCEPTED],
    ['close_keepalive', 'Closes the connection after the answer', ACCEPTED],
  ],
  Delivery: [
    ['status_undelivered', 'Not delivered, said at once', 'Failed (502): it will not arrive.'],
    ['status_rejected', 'Rejected, said at once', 'Failed (502): it was rejected.'],
    ['moderation', 'In moderation', 'Accepted, then waits for a moderator.'],
    [
      'not_delivered',
      'Not delivered, said later',
      'Accepted, not delivered a second later.',
      { progress: LOST },
    ],
    ['stuck', 'Stuck in the queue', 'Accepted: its status does not move.', { progress: 'frozen' }],
    ['lost_report', 'Lost report', REPORTLESS, { reports: { never: true } }],
    ['double_report', 'Every report twice', ONCE, { reports: { copies: 2 } }],
    ['late_report', 'Reports in the wrong order', ONCE, { reports: { reorder: true } }],
    ['early_report', 'Report before the answer', DELIVERED, { reports: { early: 'first' } }],
    ['text_report', 'Numbers as texts in reports', DELIVERED, { reports: { strings: true } }],
  ],
};

const ROWS = Object.entries(GROUPS).flatMap(([group, rows]) =>
  rows.map(([name, title, effect, play = { request: { fault: name as RequestFault['fault'] } }]) => ({
    ...{ name, group, title, effect },
    play: play as Play,
  })),
);

/** Switches for the simulator's faults: for one message, through all of its attempts, or until they are switched off. */
export class FaultSwitches {
  readonly events = new EventEmitter<{ changed: [] }>();
  readonly #gates: readonly Gate[];
  readonly #on = new Map<string, { until: SwitchedFor; played: boolean }>();

  constructor(account: Account, gates: readonly Gate[]) {
    this.#gates = gates;
    this.events.setMaxListeners(0);
    for (const { faults } of gates) {
      faults.choose = ({ method }) => (method.endsWith('/send') ? this.#take('request') : undefined);
    }
    const usual = { reports: account.reports.options, progress: account.progress };
    account.reports.options = (message) => {
      const { reports } = usual;
      return this.#take('reports') ?? (typeof reports === 'function' ? reports(message) : reports);
    };
    account.progress = (message) => {
      const course = this.#take('progress') ?? usual.progress;
      return typeof course === 'function' ? course(message) : course;
    };
  }

  /** Every switch, in its group's order. */
  list(): FaultSwitch[] {
    return ROWS.map(({ play: _, ...row }) => ({ ...row, on: this.#on.get(row.name)?.until }));
  }

  /** Switches a fault on, or off. @throws FaultOrderError for an unknown switch */
  set(name: string, until: SwitchedFor | undefined): void {
    if (!ROWS.some((row) => row.name === name)) {
      const known = ROWS.map((each) => each.name).join(', ');
      throw new FaultOrderError(`Unknown switch ${JSON.stringify(name)}; known are ${known}`);
    }
    if (until === undefined) this.#on.delete(name);
    else this.#on.set(name, { until, played: false });
    this.#changed();
  }

  clear(): void {
    this.#on.clear();
    this.#changed();
  }

  /**
   * To be called when the service has answered for a message: what was played for "the next message" is off.
   *
   * @param isUnavailable no gate could be reached
   */
  messageEnded(isUnavailable: boolean): void {
    if (isUnavailable) this.#take('down');
    const over = [...this.#on].filter(([, { until, played }]) => until === 'next_message' && played);
    for (const [name] of over) this.#on.delete(name);
    if (over.length > 0) this.#changed();
  }

  #changed(): void {
    const isDown = ROWS.some(({ name, play }) => play.down && this.#on.has(name));
    for (const gate of this.#gates) gate.setDown(isDown);
    this.events.emit('changed');
  }

  #take<Kind extends keyof Play>(kind: Kind): Play[Kind] | undefined {
    const row = ROWS.find(({ name, play }) => play[kind] !== undefined && this.#on.has(name));
    const switched = row && this.#on.get(row.name);
    if (switched) switched.played = true;
    return row?.play[kind];
  }
}
