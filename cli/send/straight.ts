import type { Configuration } from '../../lib/config/configuration.ts';
import type { Environment } from '../../lib/environment.ts';
import { SmsAeroClient } from '../../lib/smsaero/client.ts';
import { roubles } from '../format.ts';
import { messageAt } from '../message.ts';
import { meaningOf, remedyOf } from '../reasons.ts';
import type { Terminal } from '../terminal.ts';
import { compose, type TestMessage } from './compose.ts';
import type { Followable } from './follow.ts';

/** Time for SMS Aero to answer, in ms: nobody waits for a page here. */
const ANSWER_TIMEOUT_MS = 10_000;

/** Where a test message goes. */
export interface StraightOptions {
  readonly configuration: Configuration;
  readonly environment: Environment;
  readonly stage: string;
  /** SMS Aero's test mode (`sms/testsend`): nothing is sent or paid for. */
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
  const client = new SmsAeroClient({ gates: environment.gates, test: dryRun });
  const { result, gate, skipped } = await client.send(configuration, message, Date.now() + ANSWER_TIMEOUT_MS);
  client.close();
  for (const { gate: passed, cause } of skipped) terminal.note(`${passed} was passed over (${cause})`);
  if (result.status !== 'accepted') {
    const state = result.status === 'failed' ? 'Not sent' : 'Not known whether it was sent';
    throw new Error(`${state}: ${meaningOf(result.reason)}; ${remedyOf(result.reason)}`);
  }
  const { messageId, cost } = result;
  const price = cost === undefined || dryRun ? '' : `, ${roubles(cost)}`;
  terminal.print(
    `${dryRun ? 'Test message: nothing is sent or paid for. ' : ''}Accepted by ${gate}: message ${messageId}${price}`,
  );
  const telegram = message.telegramCode !== undefined;
  return messageAt(messageId, { configuration, environment, stage, test: dryRun, telegram });
}
