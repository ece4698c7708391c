import { ManualClock } from '../../local/clock.ts';
import { type EventBus, startEventBus } from '../../local/event-bus/index.ts';
import { type EventSource, pollQueue, pollStream } from '../../local/lambda/index.ts';
import {
  fromConnector,
  type ParameterStore,
  startParameterStore,
} from '../../local/parameter-store/index.ts';
import { type Queues, startQueues } from '../../local/queue/index.ts';
import {
  type Account,
  type AccountOptions,
  createAccount,
  type Gate,
  startGate,
} from '../../local/simulator/index.ts';
import { startTable, type TableStandIn } from '../../local/table/index.ts';
import { type RunningFunction, startFunction } from './function.ts';
import { CONNECTOR, LOGTO_SECRET } from './stack.ts';

/** The secret of one's own backend in tests. */
export const DIRECT_SECRET = 'Bearer own-backend-0123456789';

export const COMMANDS = 'smsaero-test-commands';
export const DEAD_LETTERS = 'smsaero-test-dead-letters';
const TABLE = 'smsaero-test';
const BUS = 'smsaero-test';

/** The functions that this stack can run. */
type Name =
  | 'sms-hook'
  | 'sms-queue'
  | 'delivery-report'
  | 'delivery-check'
  | 'delivery-events'
  | 'message-status';

/** How a stack is started. */
export interface DeliveryStackOptions {
  /** The functions to run; `delivery-report` is started first, since the others name its URL. */
  readonly functions: readonly Name[];
  readonly account?: Partial<AccountOptions>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Modules to run in place of the functions' sources. */
  readonly modules?: ReadonlyMap<string, URL>;
  /** What an invocation is told to have left, in ms; 30,000 unless told. */
  readonly remaining?: number;
  /** Spoils something before the functions start. */
  readonly prepare?: (parts: { parameters: ParameterStore }) => void;
  /** Whether commands are handed to `sms-queue` as they come; else a test invokes it. True unless told. */
  readonly poll?: boolean;
}

/** What follows a message: functions of the service, AWS and SMS Aero on loopback. */
export interface DeliveryStack {
  readonly account: Account;
  readonly gate: Gate;
  readonly parameters: ParameterStore;
  readonly table: TableStandIn;
  readonly bus: EventBus;
  readonly queues: Queues;
  /** The queues' time: pauses and visibility timeouts end when a test says so. */
  readonly clock: ManualClock;
  /** A running function. @throws Error if it is not one of this stack's */
  fn(name: Name): RunningFunction;
  /** Starts a function anew, which reads its configuration now. */
  restart(name: Name): Promise<void>;
  /** Resolves when no command waits that could be handed over, and every change of the table has been told. */
  idle(): Promise<void>;
  /** All that the functions wrote. */
  output(): string;
  close(): Promise<void>;
}

/** Starts a stack on free ports: plain HTTP to one gate, limits off. */
export async function startDeliveryStack(options: DeliveryStackOptions): Promise<DeliveryStack> {
  const account = createAccount({
    email: CONNECTOR.email,
    apiKey: CONNECTOR.apiKey,
    progress: 'frozen',
    balance: 1_000_000,
    ...options.account,
  });
  const gate = await startGate(account, { name: 'gate' });
  const parameters = await startParameterStore({
    parameters: fromConnector('test', CONNECTOR, { logto: LOGTO_SECRET, direct: DIRECT_SECRET }),
  });
  options.prepare?.({ parameters });
  const table = await startTable(TABLE, { stream: { prefix: 'delivery#' } });
  const bus = await startEventBus();
  const clock = new ManualClock(Date.now());
  const queues = await startQueues({
    clock,
    names: [COMMANDS, DEAD_LETTERS],
    redrive: { from: COMMANDS, to: DEAD_LETTERS, maxReceiveCount: 60 },
    visibilityTimeout: 180,
  });

  const limits = [
    'RECIPIENT_INTERVAL_S',
    'RECIPIENT_10_MINUTES',
    'RECIPIENT_DAY',
    'ADDRESS_HOUR',
    'BLOCK_HOUR',
    'TOTAL_HOUR',
  ];
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
    ...Object.fromEntries(limits.map((limit) => [`SMSAERO_LIMIT_${limit}`, '0'])),
    ...options.environment,
  };
  const running = new Map<Name, RunningFunction>();
  const remaining = options.remaining ?? 30_000;
  const moduleOf = (name: Name) => options.modules?.get(name) ?? name;
  const first: Name[] = options.functions.filter((name) => name === 'delivery-report');
  for (const name of first) {
    running.set(name, await startFunction(moduleOf(name), environment, remaining));
  }
  const reportUrl = running.get('delivery-report')?.url;
  const start = async (name: Name) => {
    const variables = {
      ...environment,
      ...(reportUrl ? { SMSAERO_REPORT_URL: `${reportUrl}/reports` } : {}),
    };
    running.set(name, await startFunction(moduleOf(name), variables, remaining));
  };
  await Promise.all(options.functions.filter((name) => !first.includes(name)).map(start));

  const fn = (name: Name) => {
    const found = running.get(name);
    if (!found) throw new Error(`This stack runs no ${name}`);
    return found;
  };
  const sources: EventSource[] = [];
  if (running.has('sms-queue') && options.poll !== false) {
    sources.push(pollQueue({ queues, name: COMMANDS, invoke: (event) => fn('sms-queue').invoke(event) }));
  }
  const events = running.get('delivery-events');
  if (events) {
    sources.push(
      pollStream({
        stream: table.stream,
        retryDelay: 20,
        filter: ({ eventName }) => eventName !== 'REMOVE',
        invoke: (event) => events.invoke(event),
      }),
    );
  }

  return {
    account,
    gate,
    parameters,
    table,
    bus,
    queues,
    clock,
    fn,
    restart: async (name) => {
      await fn(name).close();
      await start(name);
    },
    idle: async () => {
      for (const source of sources) await source.idle();
    },
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
