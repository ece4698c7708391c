import { setTimeout as sleep } from 'node:timers/promises';
import { Cache } from '../../../../lib/config/cache.ts';
import type { Configuration } from '../../../../lib/config/configuration.ts';
import { createCheckDeliveries } from '../../../../lib/delivery/check-deliveries.ts';
import { DeliveryRecords } from '../../../../lib/delivery/records.ts';
import { SmsAeroClient } from '../../../../lib/smsaero/client.ts';
import {
  COMMANDS,
  command,
  DEAD_LETTERS,
  type DeliveryStack,
  startDeliveryStack,
} from '../../../support/delivery-stack.ts';
import { CONNECTOR } from '../../../support/stack.ts';
import { type DeliveryRunReport, judge } from './judge.ts';
import { DeliveryPlan } from './plan.ts';

const HOUR = 3_600_000;

/** How often commands that wait are tried again. */
const MOST_RETURNS = 20;

/** The number of a message of a run. */
export const numberOf = (index: number) => `79${100_000_000 + index}`;

/** Runs of the schedule after which one that finds something each time is judged as it is. */
const MOST_RUNS = 100;

/**
 * Sends messages by commands through the built functions, while reports come in every form, order and number, early or never, and table and
 * bus fail now and then; lets the schedule ask for what no report has ended; and judges what the table and the bus hold in the end.
 */
export async function runDeliveries(
  { messages, seed }: { messages: number; seed: number },
  onProgress: (done: number) => void = () => undefined,
): Promise<DeliveryRunReport> {
  const plan = new DeliveryPlan(seed);
  const stack = await startDeliveryStack({
    functions: ['delivery-report', 'sms-queue', 'delivery-events'],
    account: { progress: (message) => plan.steps(message), reports: (message) => plan.reports(message) },
  });
  try {
    let writes = 0;
    let entries = 0;
    stack.gate.faults.choose = ({ method, number }) =>
      method === 'sms/send' ? plan.fault(number) : undefined;
    stack.bus.choose = () => (plan.refusesEvent(entries++) ? 'InternalFailure' : undefined);
    stack.table.choose = (operation, { key }) =>
      key.startsWith('delivery#') && operation === 'UpdateItem' ? plan.tableFailure(writes++) : undefined;

    const commands = Array.from({ length: messages }, (_, index) =>
      command({ id: `run-${index}` }, { to: numberOf(index) }),
    );
    for (const [index, each] of commands.entries()) {
      await stack.queues.send(COMMANDS, JSON.stringify(each));
      if (plan.isRepeated(index)) await stack.queues.send(COMMANDS, JSON.stringify(each));
      if (index % 100 === 99) {
        while ((await stack.queues.depth(COMMANDS)) > 200) await sleep(5);
        onProgress(index + 1);
      }
    }
    await quiet(stack);
    // A busy machine has not always time for the table, and what was not sent then comes back.
    for (let tries = 0; (await stack.queues.depth(COMMANDS)) > 0 && tries < MOST_RETURNS; tries += 1) {
      await stack.advance(HOUR);
      await quiet(stack);
    }
    await check(stack);
    await quiet(stack);
    const ids = commands.map(({ id }) => id);
    const deadLetters = (await stack.queues.peek(DEAD_LETTERS)).map(({ messageAttributes }) => {
      const { Reason, LastReason } = messageAttributes;
      return [Reason?.StringValue, LastReason?.StringValue].filter(Boolean).join(' ');
    });
    return await judge(stack, ids, deadLetters);
  } finally {
    await stack.close();
  }
}

async function quiet(stack: DeliveryStack): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await stack.idle();
    await stack.account.reports.settled();
  }
  await stack.idle();
}

/** The schedule's runs, as they come within three days of sending. */
async function check(stack: DeliveryStack): Promise<void> {
  const table = stack.table.open(5_000);
  const records = new DeliveryRecords(table);
  const gateway = new SmsAeroClient({ gates: [stack.gate.url] });
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const configuration = new Cache({
    load: async () => CONNECTOR as unknown as Configuration,
    onStale: () => undefined,
  });
  const run = createCheckDeliveries({ configuration, table, records, gateway, log });
  for (const hours of [1, 4, 80]) {
    // A run takes a page of each shard, as the real one does every five minutes.
    for (let runs = 0; runs < MOST_RUNS; runs += 1) {
      const { due } = await run(Date.now() + 10 * 60_000, Date.now() + hours * HOUR);
      if (due === 0) break;
    }
  }
  gateway.close();
}
