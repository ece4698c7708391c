import type { GuardPart } from '../guard/verdict.ts';
import type { Outcome } from '../message/outcome.ts';
import type { SmsRequest } from '../message/sms-request.ts';
import type { GatewayReport } from '../smsaero/client.ts';
import type { Channel } from '../smsaero/message-status.ts';
import type { SegmentCount } from '../templates/segments.ts';
import type { Template } from '../templates/template.ts';
import type { Log, LogFields } from './logger.ts';
import type { PowertoolsMetrics, StepTimes } from './metrics.ts';
import { maskPhone } from './redact.ts';

/** The steps of the path whose time is logged. */
type Step = Exclude<keyof StepTimes, 'total'>;

/** Collects what the one log line of a message says: no code, no text, no whole phone number. */
export class MessageLog {
  readonly #startedAt = performance.now();
  readonly #milliseconds: Partial<Record<Step | 'total', number>> = {};
  #fields: LogFields;
  #skipped: readonly GuardPart[] = [];

  constructor(request: SmsRequest) {
    this.#fields = { platform: request.platform };
  }

  /** Runs a step and notes its time; a step that runs twice adds up. */
  async time<Result>(step: Step, work: () => Promise<Result> | Result): Promise<Result> {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      this.#milliseconds[step] = tenths((this.#milliseconds[step] ?? 0) + performance.now() - startedAt);
    }
  }

  /** Notes who the message goes to, masked. */
  recipient({ number, country }: { number: string; country: string }): void {
    this.#fields = { ...this.#fields, recipient: maskPhone(number), country };
  }

  /** Notes how the text is sent. */
  text({ usageType, locale }: Template, { encoding, segments }: SegmentCount): void {
    this.#fields = { ...this.#fields, usageType, locale, encoding, segments };
  }

  /** Notes the parts of the guard that could not be asked. */
  skipped(parts: readonly GuardPart[]): void {
    this.#skipped = parts;
  }

  /** Notes how the message was sent, and the way through the gates. */
  gateway({ gate, answer, skipped }: GatewayReport, channel: Channel): void {
    this.#fields = { ...this.#fields, channel, gate, answer, ...(skipped.length > 0 ? { skipped } : {}) };
  }

  /** Counts the message if it ended so, writes its line and hands the outcome on. */
  write(log: Log, metrics: Pick<PowertoolsMetrics, 'count'>, outcome: Outcome, isEnd: boolean): Outcome {
    this.#milliseconds.total = tenths(performance.now() - this.#startedAt);
    const guardSkipped = this.#skipped.length > 0 ? this.#skipped : undefined;
    const fields = { ...outcomeFields(outcome), ...this.#fields, guardSkipped, ms: this.#milliseconds };
    metrics.count(outcome, this.#skipped, this.#milliseconds, isEnd);
    const isSent = outcome.status === 'accepted' || outcome.status === 'duplicate';
    log[isSent ? 'info' : 'warn']('sms', fields);
    return outcome;
  }
}

function outcomeFields(outcome: Outcome): LogFields {
  if (outcome.status === 'duplicate') {
    const { status, ...first } = outcome.of;
    return { outcome: 'duplicate', of: status, ...first };
  }
  const { status, ...details } = outcome;
  return { outcome: status, ...details };
}

function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
