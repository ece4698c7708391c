import { ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { type Delivery, isFinal } from '../../lib/delivery/delivery.ts';
import { isDeliveryId } from '../../lib/delivery/delivery-id.ts';
import { DeliveryRecords } from '../../lib/delivery/records.ts';
import { Table } from '../../lib/dynamodb.ts';
import { MESSAGE_ID } from '../../lib/smsaero/message-status.ts';
import { meaningOf, remedyOf } from '../explain.ts';
import { formatTime, roubles, shown } from '../format.ts';
import { messageAt } from '../send/follow.ts';
import { loadStage } from '../stage-configuration.ts';
import { stageOptions } from '../stage-options.ts';
import type { Terminal } from '../terminal.ts';
import { EXIT, RUN, type StageOptions, UsageError } from '../usage.ts';

/** Time for the table to answer, in ms. */
const TABLE_TIMEOUT_MS = 10_000;

interface StatusOptions extends StageOptions {
  readonly test?: boolean;
  readonly telegram?: boolean;
}

/** `status`: the status of a message, from the stage's records or from SMS Aero. */
export async function status(
  { stage, test = false, telegram = false }: StatusOptions,
  terminal: Terminal,
  id: string,
): Promise<number> {
  if (MESSAGE_ID.test(id)) return askSmsAero(id, { stage, test, telegram }, terminal);
  if (!isDeliveryId(id)) {
    throw new UsageError(
      `"${id}" is neither the id of a delivery (22 characters) nor that of a message (digits)`,
    );
  }
  if (test || telegram) throw new UsageError('--test and --telegram are for the ids of SMS Aero');
  const name = `smsaero-${stage}`;
  const delivery = await new DeliveryRecords(new Table(name, TABLE_TIMEOUT_MS))
    .get(id)
    .catch((error: unknown) => {
      if (error instanceof ResourceNotFoundException) {
        throw new Error(`The table ${name} does not exist: is the stage deployed, and in this region?`);
      }
      throw error;
    });
  if (!delivery) throw new Error(`${name} has no delivery ${id}: deliveries are kept for 30 days`);
  const rows = rowsOf(delivery);
  terminal.table(rows);
  terminal.result({ id, ...Object.fromEntries(rows) });
  if (!isFinal(delivery.state) && delivery.messageId) {
    const { smsMessageId, channel, messageId } = delivery;
    const asked = smsMessageId ?? (channel === 'telegram' ? `${messageId} --telegram` : messageId);
    terminal.print(`SMS Aero may know more: ${RUN} status ${asked} ${stageOptions(stage)}`);
  }
  return EXIT.done;
}

async function askSmsAero(
  id: string,
  { stage, test, telegram }: Required<StatusOptions>,
  terminal: Terminal,
): Promise<number> {
  const answer = await messageAt(id, await loadStage(stage), { test, telegram }).status();
  switch (answer.status) {
    case 'known':
      terminal.print(
        `${id}  ${answer.message}${answer.at === undefined ? '' : `  ${formatTime(answer.at)}`}`,
      );
      if (answer.smsMessageId) terminal.print(`SMS ${answer.smsMessageId} took over from Telegram`);
      terminal.result({
        id,
        state: answer.message,
        since: answer.at && formatTime(answer.at),
        smsMessageId: answer.smsMessageId,
      });
      return EXIT.done;
    case 'not_known':
      throw new Error(
        `SMS Aero does not know message ${id}${test ? '' : '; a message of send --dry-run needs --test'}`,
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
    ['SMS instead', delivery.smsMessageId],
    ['channel', delivery.channel === 'telegram' ? 'Telegram, then SMS if that fails' : undefined],
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
