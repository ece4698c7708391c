/** What is expected of a function in every package. */
export interface Expected {
  readonly memory: number;
  readonly timeout: number;
  /** Logical id of its role, which no other function has. */
  readonly role: string;
  /** What it is told beside what every function is. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

const QUEUES = {
  SMSAERO_QUEUE_URL: { Ref: 'CommandQueue' },
  SMSAERO_DEAD_LETTER_QUEUE_URL: { Ref: 'DeadLetterQueue' },
};

/** The functions that are there without Cognito, by name. */
export const expectedFunctions = (stage: string): Readonly<Record<string, Expected>> => ({
  'sms-hook': { memory: 1769, timeout: 6, role: 'SmsHookRole' },
  'sms-queue': { memory: 1024, timeout: 30, role: 'SmsQueueRole', variables: QUEUES },
  'message-status': { memory: 1769, timeout: 6, role: 'MessageStatusRole' },
  'delivery-report': { memory: 512, timeout: 10, role: 'DeliveryReportRole' },
  'delivery-check': { memory: 512, timeout: 60, role: 'DeliveryCheckRole' },
  'delivery-events': {
    memory: 512,
    timeout: 30,
    role: 'DeliveryEventsRole',
    variables: { SMSAERO_EVENT_BUS: `smsaero-${stage}` },
  },
  'account-monitor': { memory: 512, timeout: 30, role: 'AccountMonitorRole' },
});

/** What osls names a function's resources: `SmsDashhook` of `sms-hook`, to which it adds `LambdaFunction`, `LogGroup` and so on. */
export const logicalName = (name: string): string =>
  name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', 'Dash');

/** Where the reports go, unless a parameter says otherwise. */
export const REPORT_URL = {
  'Fn::Sub': `https://\${HttpApi}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}/reports`,
};

/** The alarm that is raised as soon as one message is in a queue; its description is compared elsewhere. */
export const alarmOf = (queue: string, name: string) => ({
  AlarmName: name,
  Namespace: 'AWS/SQS',
  MetricName: 'ApproximateNumberOfMessagesVisible',
  Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue, 'QueueName'] } }],
  Statistic: 'Maximum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 0,
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'ignore', // silence says nothing of what lies in a queue
  AlarmActions: [{ Ref: 'AlarmTopic' }],
});
