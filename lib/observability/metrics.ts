import type { AddressProblem } from '../guard/address.ts';
import type { GuardPart } from '../guard/verdict.ts';
import type { Outcome } from '../outcome.ts';
import type { MetricValues } from './metric-names.ts';

/** Milliseconds of the steps of a message, as its log line has them. */
export type StepTimes = Readonly<
  Partial<Record<'config' | 'recipient' | 'template' | 'guard' | 'gateway' | 'record' | 'total', number>>
>;

/** What is measured of each message. */
export interface MessageMetrics {
  /**
   * Counts a message by its outcome.
   *
   * @param skipped parts of the guard that could not be asked
   * @param ms how long its steps took, measured of a message that was given to the gateway
   * @param isEnd whether it ended so: a try that its door repeats is no message more, however many tries there are
   */
  count(outcome: Outcome, skipped: readonly GuardPart[], ms: StepTimes, isEnd: boolean): void;
}

/** What is counted of client addresses. */
export interface AddressMetrics {
  /** Counts a message whose client address cannot be counted. */
  addressUnusable(problem: AddressProblem): void;
}

/** What is counted of each delivery report. */
export interface ReportMetrics {
  /** Counts a report. @param effect `changed`, or why it changed nothing */
  report(effect: string): void;
}

/** What is counted of each command of the queue that was not sent at once. */
export interface QueueMetrics {
  /** Counts a command that is tried again later, or moved to the dead-letter queue. */
  command(fate: 'CommandRetried' | 'CommandDeadLettered', reason: string): void;
}

/** What is counted of sign-ins by code. */
export interface SignInMetrics {
  /** Counts a question or an answer that was refused, whatever the person did. */
  signInRefused(reason: SignInRefusal): void;
}

/** Why nothing is sent for a sign-in by code, and no answer is right. */
export type SignInRefusal =
  | 'wrong_answers_hour'
  | 'wrong_answers_day'
  | 'wrong_answers_code'
  | 'code_used'
  | 'table_unavailable';

/** What is measured of each change of a delivery. */
export interface DeliveryMetrics {
  /**
   * Counts a change by country and sender.
   *
   * @param seconds from sending to this change
   * @param cost roubles
   */
  delivery(
    name: 'DeliveryAccepted' | 'Delivered' | 'Undelivered' | 'Rejected',
    by: { readonly country: string | undefined; readonly senderName: string | undefined },
    measures: { readonly seconds?: number | undefined; readonly cost?: number | undefined },
  ): void;
}

/** What is measured of the account, by what it depends on. */
export interface AccountMetrics {
  /**
   * Writes values by service, and once more by dimensions.
   *
   * @param values by name: `Balance`
   * @param by dimensions: `Gate`, `Reason`, `Operator`
   */
  measure(values: MetricValues, by?: Readonly<Record<string, string>>): void;
}
