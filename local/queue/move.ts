import { randomUUID } from 'node:crypto';
import { nameOfArn } from '../aws-account.ts';
import type { Input } from '../aws-json.ts';
import { requiredText } from './input.ts';
import type { Context } from './operations.ts';

/** How many messages SQS reads at once. */
const BATCH = 10;

/**
 * Moves dead letters: each becomes a new message with a new id and time, and its body and attributes stay. One that SQS did not move here
 * itself has no queue to go back to, so that it needs a `DestinationArn`; without one the task ends there (SQS Developer Guide, "Configure
 * a dead-letter queue redrive" and "DLQ and DLQ redrive issues"). The task has ended before its answer is there.
 */
export function startMessageMoveTask(context: Context, input: Input): object {
  const source = context.named(nameOfArn(requiredText(input, 'SourceArn')));
  const destination = input['DestinationArn'];
  for (let taken = source.receive(BATCH); taken.length > 0; taken = source.receive(BATCH)) {
    for (const { body, messageAttributes, deadLetterSourceArn, receiptHandle } of taken) {
      const to = typeof destination === 'string' ? destination : deadLetterSourceArn;
      if (to === undefined) return { TaskHandle: randomUUID() };
      context.named(nameOfArn(to)).send(body, { messageAttributes });
      source.delete(receiptHandle);
    }
  }
  return { TaskHandle: randomUUID() };
}
