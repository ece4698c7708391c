/** A metric: its unit, and the dimensions that it has beside `service` where they are known. It is always there with `service` as its only dimension too. */
export interface MetricShape {
  readonly unit: 'Count' | 'Seconds' | 'Milliseconds';
  readonly by?: readonly string[];
  /** Whether `SMSAERO_MONITORING=basic` writes it, by `service` only: an alarm of infra/alarms/ needs it. */
  readonly basic?: true;
}

const COUNT = { unit: 'Count' } as const;
const TIME = { unit: 'Milliseconds' } as const;
const BY_REASON = { unit: 'Count', by: ['Reason'] } as const;
const BASIC = { unit: 'Count', basic: true } as const;
const BASIC_BY_REASON = { unit: 'Count', by: ['Reason'], basic: true } as const;
const BY_SENDER = { unit: 'Count', by: ['Country', 'Sender'] } as const;

/**
 * Every metric that the functions write, namespace `SmsAero`. Alarms, dashboard and documentation are compared with it.
 */
export const METRICS = {
  // Messages, by how they ended. Refused: by the service's rules. Failed: by SMS Aero, or no gate could be reached.
  Accepted: BASIC,
  Duplicate: COUNT,
  Refused: BASIC_BY_REASON,
  Failed: BASIC_BY_REASON,
  Unknown: BASIC_BY_REASON,
  /** SMS Aero did not take the credentials: of each try of a message or command, and of each look at the account. */
  CredentialsRefused: BASIC_BY_REASON,
  /** The table could not be asked in time, and the message went out all the same. */
  GuardSkipped: COUNT,
  /** The client address could not be counted, so that the limit by address did not hold. */
  AddressUnusable: BY_REASON,
  /** Billed parts of the messages that SMS Aero took. */
  Segments: COUNT,
  /** Messages that SMS Aero took for Telegram; they are counted as Accepted too. */
  TelegramAccepted: COUNT,

  // How long the steps of a message took that was given to the gateway.
  ConfigTime: TIME,
  GuardTime: TIME,
  GatewayTime: TIME,
  RecordTime: TIME,
  TotalTime: TIME,

  // Commands of the queue.
  CommandRetried: BY_REASON,
  CommandDeadLettered: BY_REASON,

  // Sign-in by code: questions and answers past a limit of wrong answers, or while the table could not be asked.
  SignInRefused: BY_REASON,

  // Deliveries: reports, and what they came to. DeliveryTime from sending to delivery; DeliveryCost in roubles.
  Report: { unit: 'Count', by: ['Effect'] },
  DeliveryAccepted: BY_SENDER,
  Delivered: BY_SENDER,
  Undelivered: BY_SENDER,
  Rejected: BY_SENDER,
  DeliveryTime: { unit: 'Seconds', by: ['Country', 'Sender'] },
  DeliveryCost: BY_SENDER,
  /** Of the messages for Telegram: delivered there, and those that an SMS took over. */
  TelegramDelivered: COUNT,
  TelegramFallback: COUNT,

  // The account, every quarter of an hour. Money in roubles; what is 0 or 1 answers a question. What could not be learned is not there.
  Balance: BASIC,
  SpentLastDay: COUNT,
  DaysLeft: COUNT,
  GateReached: { unit: 'Count', by: ['Gate'] },
  GateTime: { unit: 'Milliseconds', by: ['Gate'] },
  AccountRefused: BY_REASON,
  SenderNameUsable: COUNT,
  OperatorApproves: { unit: 'Count', by: ['Operator'] },
  ConfigurationAge: { unit: 'Seconds' },
  ConfigurationUnusable: BASIC,
} as const satisfies Readonly<Record<string, MetricShape>>;

export type MetricName = keyof typeof METRICS;

/** Values by name of the metric; what is undefined is not written. */
export type MetricValues = { readonly [Name in MetricName]?: number | undefined };
