import type { Input } from '../../local/aws-json.ts';
import { startEventBus } from '../../local/event-bus.ts';
import { type EventSource, pollQueue, pollStream } from '../../local/event-sources.ts';
import { fromConnector, startParameterStore } from '../../local/parameter-store.ts';
import { type Queues, startQueues } from '../../local/queues.ts';
import { type AccountOptions, createAccount, startGate } from '../../local/simulator/index.ts';
import { CONNECTOR, DIRECT_SECRET, NO_LIMITS, SECRETS } from './connector.ts';
import { type RunningFunction, startFunction } from './function.ts';
import { startTable } from './table.ts';

export { DIRECT_SECRET };

export const COMMANDS = 'smsaero-test-commands';
export const DEAD_LETTERS = 'smsaero-test-dead-letters';
const TABLE = 'smsaero-test';
const BUS = 'smsaero-test';

/** As in infra/queue.yml. */
const VISIBILITY_TIMEOUT_S = 180;

/** Remaining time of an invocation, in ms. */
const REMAINING_MS = 30_000;

/** The longest that SQS hides a message, in s: no test runs for so long. */
const MAX_VISIBILITY_S = 43_200;

/** The time of the queue of commands: what is hidden is shown by a call, not by a clock. */
class QueueTime {
  #now = 0;
  /** When a message is shown again, by receipt handle. */
  readonly #due = new Map<string, number>();

  /** Hides for hours what a function hides for seconds. */
  readonly edit = (operation: string, input: Input): Input => {
    if (operation !== 'ChangeMessageVisibility') return input;
    this.#due.set(String(input['ReceiptHandle']), this.#now + Number(input['VisibilityTimeout']) * 1000);
    return { ...input, VisibilityTimeout: MAX_VISIBILITY_S };
  };

  async advance(queues: Queues, ms: number): Promise<void> {
    const start = this.#now;
    this.#now += ms;
    for (const { receiptHandle: ReceiptHandle } of (await queues.content(COMMANDS)).hidden) {
      const due = this.#due.get(ReceiptHandle) ?? start + VISIBILITY_TIMEOUT_S * 1000;
      this.#due.set(ReceiptHandle, due);
      if (due > this.#now) continue;
      const message = { QueueUrl: queues.queueUrl(COMMANDS), ReceiptHandle };
      await queues.call('ChangeMessageVisibility', { ...message, VisibilityTimeout: 0 });
    }
  }
}

/** How a stack is started. */
export interface DeliveryStackOptions {
  /** The functions to run; `delivery-report` is started first, since the others name its URL. */
  readonly functions: readonly string[];
  readonly account?: Partial<AccountOptions>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Modules to run in place of the functions' sources. */
  readonly modules?: ReadonlyMap<string, URL>;
  /** The connector's configuration; {@link CONNECTOR} by default. */
  readonly connector?: Parameters<typeof fromConnector>[1];
}

/** What follows a message: functions of the service, AWS and SMS Aero on loopback. */
export type DeliveryStack = Awaited<ReturnType<typeof startDeliveryStack>>;

/** Starts a stack on free ports: plain HTTP to one gate, limits off. */
export async function startDeliveryStack(options: DeliveryStackOptions) {
  const account = createAccount({
    email: CONNECTOR.email,
    apiKey: CONNECTOR.apiKey,
    progress: 'frozen',
    balance: 1_000_000,
    ...options.account,
  });
  const gate = await startGate(account, { name: 'gate' });
  const parameters = await startParameterStore({
    parameters: fromConnector('test', options.connector ?? CONNECTOR, SECRETS),
  });
  const table = await startTable(TABLE, { stream: 'delivery#' });
  const bus = await startEventBus();
  const time = new QueueTime();
  const queues = await startQueues({
    names: [COMMANDS, DEAD_LETTERS],
    deadLetters: DEAD_LETTERS,
    edit: time.edit,
  });

  const environment: Record<string, string> = {
    SMSAERO_CONFIG_PATH: '/smsaero/test',
    SMSAERO_GATES: gate.url,
    SMSAERO_TABLE: TABLE,
    SMSAERO_EVENT_BUS: BUS,
    SMSAERO_QUEUE_URL: queues.queueUrl(COMMANDS),
    SMSAERO_DEAD_LETTER_QUEUE_URL: queues.queueUrl(DEAD_LETTERS),
    SMSAERO_GUARD_TIMEOUT_MS: '5000', // the table shares the machine with everything else
    AWS_ENDPOINT_URL_SSM: parameters.url,
    AWS_ENDPOINT_URL_DYNAMODB: table.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url,
    AWS_ENDPOINT_URL_SQS: queues.url,
    ...NO_LIMITS,
    ...options.environment,
  };
  const running = new Map<string, RunningFunction>();
  const start = async (name: string) => {
    const reportUrl = running.get('delivery-report')?.url;
    const variables = reportUrl
      ? { ...environment, SMSAERO_REPORT_URL: `${reportUrl}/reports` }
      : environment;
    running.set(name, await startFunction(options.modules?.get(name) ?? name, variables, REMAINING_MS));
  };
  const isFirst = (name: string) => name === 'delivery-report';
  for (const name of options.functions.filter(isFirst)) await start(name);
  await Promise.all(options.functions.filter((name) => !isFirst(name)).map(start));

  const fn = (name: string) => {
    const found = running.get(name);
    if (!found) throw new Error(`This stack runs no ${name}`);
    return found;
  };
  const sources: EventSource[] = [];
  if (running.has('sms-queue')) {
    // One process of a function has one invocation at a time in Lambda too.
    const one = { queues, name: COMMANDS, maximumConcurrency: 1 };
    sources.push(pollQueue({ ...one, invoke: (event) => fn('sms-queue').invoke(event) }));
  }
  if (running.has('delivery-events')) {
    const invoke = (event: unknown) => fn('delivery-events').invoke(event);
    sources.push(pollStream({ stream: table.stream, retryDelayMs: 20, invoke }));
  }

  return {
    account,
    gate,
    parameters,
    table,
    bus,
    queues,
    /** Lets time pass for the queue of commands: a hidden message stays hidden until its time has passed so. */
    advance: (ms: number) => time.advance(queues, ms),
    /** A running function. @throws Error if it is not one of this stack's */
    fn,
    /** Starts a function again, which reads its configuration now. */
    restart: async (name: string) => {
      await fn(name).close();
      await start(name);
    },
    /** Resolves when no command waits that could be delivered, and `delivery-events` has every change of the table. */
    idle: async () => {
      for (const source of sources) await source.idle();
    },
    /** All that the functions wrote. */
    output: () => [...running.values()].map((one) => one.output()).join('\n'),
    async close() {
      await Promise.all(sources.map((source) => source.close()));
      await account.reports.close();
      await Promise.all([...running.values()].map((one) => one.close()));
      await Promise.all([gate, parameters, table, bus, queues].map((one) => one.close()));
    },
  };
}

/** A command as one's own backend gives it. */
export function command(changes: Record<string, unknown> = {}, data: Record<string, unknown> = {}) {
  return {
    specversion: '1.0',
    id: crypto.randomUUID(),
    source: 'https://shop.example/orders',
    type: 'sms.send.v1',
    time: new Date().toISOString(),
    data: { to: '79031234567', type: 'SignIn', payload: { code: '482913' }, ...data },
    ...changes,
  };
}
