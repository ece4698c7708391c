import type { Delivery } from '../../../../lib/delivery/delivery.ts';
import { readDelivery } from '../../../../lib/delivery/item.ts';
import { statusOfCode } from '../../../../lib/smsaero/message-status.ts';
import type { DeliveryStack } from '../../../support/delivery-stack.ts';
import { tally } from '../../../support/tally.ts';

/** What a run came to. */
export type DeliveryRunReport = Awaited<ReturnType<typeof judge>>;

const FINAL_EVENTS: Readonly<Record<string, string>> = {
  delivered: 'SmsDelivered',
  undelivered: 'SmsUndelivered',
  rejected: 'SmsRejected',
};

/** Holds the table and the bus against what SMS Aero knows. */
export async function judge(
  stack: DeliveryStack,
  commands: readonly string[],
  deadLetters: readonly string[],
) {
  const deliveries = (await stack.table.items()).flatMap((item) => readDelivery(item) ?? []);
  const events = new Map<string, Set<string>>();
  for (const { 'detail-type': type, detail } of stack.bus.events) {
    const { id } = detail as { id: string };
    events.set(id, (events.get(id) ?? new Set()).add(type));
  }
  // SMS Aero may refuse a message in the very answer that takes it; nothing else is moved to the dead-letter queue here.
  const violations = deadLetters
    .filter((reason) => reason !== 'rejected')
    .map((reason) => `a command was moved to the dead-letter queue: ${reason}`);
  const expect = (what: string, actual: unknown, expected: unknown) => {
    if (actual !== expected) violations.push(`${what}: ${actual}, not ${expected}`);
  };

  for (const id of commands) {
    const records = deliveries.filter(({ command }) => command?.id === id);
    // A repeat of one that was not sent is another try.
    const isRight = records.length > 0 && records.filter(({ outcome }) => outcome !== 'failed').length <= 1;
    if (!isRight) violations.push(`${id} has ${records.length} records: ${JSON.stringify(records)}`);
  }
  const failed = deliveries.filter(({ outcome }) => outcome === 'failed').length;
  expect('dead letters', deadLetters.length, failed);
  const byMessage = new Map(deliveries.map((delivery) => [delivery.messageId, delivery]));
  for (const message of stack.account.messages()) {
    const delivery = byMessage.get(String(message.id));
    if (!delivery) {
      // Nobody told the service that SMS Aero took it: no answer, and no report either.
      const reports = stack.account.reports.log.filter(({ messageId }) => messageId === message.id);
      if (reports.length > 0)
        violations.push(`message ${message.id} has no record: ${JSON.stringify(reports)}`);
      continue;
    }
    expect(`state of ${message.id}`, delivery.state, statusOfCode(message.status));
  }
  for (const delivery of deliveries) {
    const { deliveryId, state, dueAt } = delivery;
    const types = [...(events.get(deliveryId) ?? [])].sort().join(' ');
    expect(`events of ${deliveryId} (${state})`, types, expectedEvents(delivery).sort().join(' '));
    expect(`${deliveryId} is asked for`, dueAt, undefined);
  }
  for (const id of events.keys()) {
    if (!deliveries.some(({ deliveryId }) => deliveryId === id))
      violations.push(`an event of nothing: ${id}`);
  }
  const distinct = [...events.values()].flatMap((types) => [...types]);
  return {
    /** Every promise that was broken; empty if all is right. */
    violations,
    /** Messages that SMS Aero took. */
    taken: stack.account.messages().length,
    /** Records by state. */
    states: tally(deliveries.map(({ state }) => state)),
    /** Events by type, each counted once, and how often one was published more than once. */
    events: tally(distinct),
    publishedAgain: stack.bus.events.length - distinct.length,
    /** Reports that set out, and those that were taken before the answer of `sms/send` was recorded. */
    reports: stack.account.reports.log.length,
    early: stack.table.stream.records.filter(
      ({ eventName, dynamodb }) => eventName === 'INSERT' && dynamodb?.NewImage?.['outcome'] === undefined,
    ).length,
  };
}

function expectedEvents({ state, outcome }: Delivery): string[] {
  const final = FINAL_EVENTS[state];
  const isRefusal = outcome === 'failed' && ['rejected', 'undelivered'].includes(state);
  const isTaken = outcome === 'accepted' || (!isRefusal && !['unknown', 'failed'].includes(state));
  return [
    ...(outcome === 'unknown' ? ['SmsUnknown'] : []),
    ...(outcome === 'failed' ? ['SmsFailed'] : []),
    ...(isTaken ? ['SmsAccepted'] : []),
    ...(final ? [final] : []),
  ];
}
