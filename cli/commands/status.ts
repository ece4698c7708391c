import { ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import type { Delivery } from '../../lib/delivery/delivery.ts';
import { isDeliveryId } from '../../lib/delivery/delivery-id.ts';
import { DeliveryRecords } from '../../lib/delivery/records.ts';
import { isFinal } from '../../lib/delivery/state.ts';
import { Table } from '../../lib/table.ts';
import { AWS_HELP, AWS_OPTIONS, defineCommand, EXIT, RUN, UsageError } from '../command.ts';
import { columns, formatTime, roubles } from '../format.ts';
import { messageAt } from '../message.ts';
import { meaningOf, remedyOf } from '../reasons.ts';
import { shown } from '../redact.ts';
import { loadStage } from '../stage-configuration.ts';
import { stageEnvironment } from '../stage-environment.ts';
import { stageOptions } from '../stage-options.ts';
import type { Terminal } from '../terminal.ts';

/** Time for the table to answer, in ms. */
const PATIENCE = 10_000;

/** `status`: what became of a message, from our own records or from SMS Aero. */
export const status = defineCommand({
  help: `Usage: ${RUN} status ID [--stage dev]

Tells what became of a message. The id of a delivery (22 letters, as POST /sms/direct and the events name it)
is looked up in the stage's table; SMS Aero's id of a message (digits, as the log names it) is asked for there.

  --test                  the message was sent in SMS Aero's test mode (send --dry-run)
${AWS_HELP}`,
  options: { ...AWS_OPTIONS, test: { type: 'boolean', default: false } },
  positionals: [{ name: 'The id of a delivery or a message' }],
  async run({ stage, test }, [id = ''], terminal) {
    if (/^[1-9]\d{0,18}$/.test(id)) {
      return askSmsAero(id, stage, test, terminal);
    }
    if (!isDeliveryId(id)) {
      throw new UsageError(`"${id}" is neither a delivery's id (22 letters) nor a message's (digits)`);
    }
    if (test) throw new UsageError('--test is for the ids of SMS Aero');
    const name = `smsaero-${stage}`;
    const table = new Table(name, PATIENCE, {}); // with the user's profile
    const delivery = await new DeliveryRecords(table).get(id).catch((error: unknown) => {
      if (error instanceof ResourceNotFoundException) {
        throw new Error(`There is no table ${name}: is the stage deployed, and in this region?`);
      }
      throw error;
    });
    if (!delivery) {
      throw new Error(`${name} has no delivery ${id}: deliveries are kept for 30 days`);
    }
    for (const line of columns(rowsOf(delivery))) terminal.print(line);
    if (!isFinal(delivery.state) && delivery.messageId) {
      terminal.print(`SMS Aero may know more: ${RUN} status ${delivery.messageId} ${stageOptions(stage)}`);
    }
    return EXIT.done;
  },
});

async function askSmsAero(id: string, stage: string, test: boolean, terminal: Terminal): Promise<number> {
  const configuration = await loadStage(stage);
  const environment = stageEnvironment(stage);
  const answer = await messageAt(id, { configuration, environment, stage, test }).status();
  switch (answer.status) {
    case 'known':
      terminal.print(
        `${id}  ${answer.message}${answer.at === undefined ? '' : `  ${formatTime(answer.at)}`}`,
      );
      return EXIT.done;
    case 'not_known':
      throw new Error(
        `SMS Aero does not know message ${id}${test ? '' : '; one of send --dry-run needs --test'}`,
      );
    case 'refused':
      throw new Error(`SMS Aero does not say: ${meaningOf(answer.reason)}; ${remedyOf(answer.reason)}`);
    case 'unavailable':
      throw new Error(`SMS Aero does not say: ${meaningOf('unavailable')}; ${remedyOf('unavailable')}`);
  }
}

function rowsOf(delivery: Delivery): string[][] {
  const { command, sentAt, cost, segments } = delivery;
  const rows: (readonly [string, string | undefined])[] = [
    ['state', delivery.state],
    ['since', formatTime(delivery.changedAt)],
    ['sent', sentAt === undefined ? undefined : formatTime(sentAt)],
    ['reason', delivery.reason],
    ['message', delivery.messageId],
    ['platform', delivery.platform || undefined],
    ['usage type', delivery.usageType],
    ['sender name', delivery.senderName],
    ['country', delivery.country],
    ['segments', segments === undefined ? undefined : String(segments)],
    ['cost', cost === undefined ? undefined : roubles(cost)],
    ['command', command && `${command.source} ${command.id}`],
  ];
  return rows.flatMap(([name, value]) =>
    value === undefined ? [] : [[name, name === 'command' || name === 'usage type' ? shown(value) : value]],
  );
}
