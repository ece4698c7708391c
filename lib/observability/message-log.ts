import type { Outcome } from '../outcome.ts';
import type { SmsRequest } from '../sms-request.ts';
import type { GatewayReport } from '../smsaero/client.ts';
import type { Log, LogFields } from './logger.ts';
import { maskPhone } from './redact.ts';

/** The steps of the path whose time is logged. */
type Step = 'config' | 'guard' | 'template' | 'gateway';

/** Collects what the one log line of a message says: no code, no text, no whole phone number. */
export class MessageLog {
  readonly #startedAt = performance.now();
  readonly #milliseconds: Partial<Record<Step | 'total', number>> = {};
  #fields: LogFields;

  constructor(request: SmsRequest) {
    this.#fields = { platform: request.platform };
  }

  /** Runs a step and notes its time; a step that runs twice adds up. */
  async time<Result>(step: Step, work: () => Result | Promise<Result>): Promise<Result> {
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
  text(fields: { usageType: string; locale?: string | undefined; encoding: string; segments: number }): void {
    this.#fields = { ...this.#fields, ...fields };
  }

  /** Notes the way through the gates. */
  gateway({ gate, answer, skipped }: GatewayReport): void {
    this.#fields = { ...this.#fields, gate, answer, ...(skipped.length > 0 ? { skipped } : {}) };
  }

  /** Writes the line and hands the outcome on. */
  write(log: Log, outcome: Outcome): Outcome {
    const { status, ...details } = outcome;
    this.#milliseconds.total = tenths(performance.now() - this.#startedAt);
    const fields = { outcome: status, ...details, ...this.#fields, ms: this.#milliseconds };
    if (status === 'accepted') {
      log.info('sms', fields);
    } else {
      log.warn('sms', fields);
    }
    return outcome;
  }
}

function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
