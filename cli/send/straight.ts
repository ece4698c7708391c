import type { Configuration } from '../../lib/config/configuration.ts';
import type { Environment } from '../../lib/environment.ts';
import { readAnswer } from '../../lib/smsaero/answer.ts';
import { GateCaller } from '../../lib/smsaero/gate-caller.ts';
import { roubles } from '../format.ts';
import { messageAt } from '../message.ts';
import { meaningOf, remedyOf } from '../reasons.ts';
import type { Terminal } from '../terminal.ts';
import { compose, type TestMessage } from './compose.ts';
import type { Followable } from './follow.ts';

/** Time for SMS Aero to answer, in ms: nobody waits for a page here. */
const PATIENCE = 10_000;

/** Where a test message goes. */
export interface StraightOptions {
  readonly configuration: Configuration;
  readonly environment: Environment;
  readonly stage: string;
  /** `sms/testsend` instead of `sms/send`: nothing is sent or paid for. */
  readonly dryRun: boolean;
}

/**
 * Sends a test message straight to SMS Aero with a stage's configuration, past functions, guard and records.
 *
 * @returns what follows it
 * @throws Error if it was not sent, or may have been
 */
export async function sendStraight(
  test: TestMessage,
  { configuration, environment, stage, dryRun }: StraightOptions,
  terminal: Terminal,
): Promise<Followable> {
  const { message, summary } = compose(test, configuration, environment);
  terminal.print(summary);
  const caller = new GateCaller({ gates: environment.gates });
  const { number, senderName: sign, text } = message;
  const call = await caller.call(
    configuration,
    dryRun ? 'sms/testsend' : 'sms/send',
    { number, sign, text },
    Date.now() + PATIENCE,
  );
  caller.close();
  for (const { gate, cause } of call.skipped) terminal.note(`${gate} was passed over (${cause})`);
  const result =
    call.answer === undefined
      ? ({ status: 'failed', reason: 'unavailable' } as const)
      : call.answer.kind === 'answered'
        ? readAnswer(call.answer)
        : ({ status: 'unknown', reason: 'no_answer' } as const);
  if (result.status !== 'accepted') {
    const state = result.status === 'failed' ? 'Not sent' : 'Not known whether it was sent';
    throw new Error(`${state}: ${meaningOf(result.reason)}; ${remedyOf(result.reason)}`);
  }
  const { messageId, cost } = result;
  const price = cost === undefined || dryRun ? '' : `, ${roubles(cost)}`;
  terminal.print(
    `${dryRun ? 'Test message: nothing is sent or paid for. ' : ''}Accepted by ${call.gate}: message ${messageId}${price}`,
  );
  return messageAt(messageId, { configuration, environment, stage, test: dryRun });
}
