export interface Expected {
  readonly memory: number;
  readonly timeout: number;
  /** Logical id of its role, which no other function has. */
  readonly role: string;
  /** What it is told beside what every function is. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

export const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

const QUEUES = {
  SMSAERO_QUEUE_URL: { Ref: 'CommandQueue' },
  SMSAERO_DEAD_LETTER_QUEUE_URL: { Ref: 'DeadLetterQueue' },
};
const WRONG_ANSWERS = {
  SMSAERO_LIMIT_WRONG_ANSWERS_HOUR: '10',
  SMSAERO_LIMIT_WRONG_ANSWERS_DAY: '30',
  SMSAERO_CHALLENGE_TIME_MS: '2000',
};

/** The functions of a stage, by name. */
export const expectedFunctions = (stage: string, hasCognito: boolean): Readonly<Record<string, Expected>> => {
  const events = { SMSAERO_EVENT_BUS: `smsaero-${stage}` };
  const key = { SMSAERO_COGNITO_KEY_ARN: arnOf('CognitoKey') };
  const cognito = {
    'cognito-sms-sender': { memory: 1024, timeout: 30, role: 'CognitoSmsSenderRole', variables: key },
    // Cognito waits for 5 s and no longer.
    'cognito-auth-challenge': {
      memory: 1769,
      timeout: 5,
      role: 'CognitoAuthChallengeRole',
      variables: WRONG_ANSWERS,
    },
  };
  return {
    'sms-hook': { memory: 1769, timeout: 6, role: 'SmsHookRole' },
    'sms-queue': { memory: 1024, timeout: 30, role: 'SmsQueueRole', variables: QUEUES },
    'message-status': { memory: 1769, timeout: 6, role: 'MessageStatusRole' },
    'delivery-report': { memory: 512, timeout: 10, role: 'DeliveryReportRole' },
    'delivery-check': { memory: 512, timeout: 60, role: 'DeliveryCheckRole' },
    'delivery-events': { memory: 512, timeout: 30, role: 'DeliveryEventsRole', variables: events },
    'account-monitor': { memory: 512, timeout: 30, role: 'AccountMonitorRole' },
    ...(hasCognito ? cognito : {}),
  };
};

/** What osls names a function's resources: `SmsDashhook` of `sms-hook`, to which it adds `LambdaFunction`, `LogGroup` and so on. */
export const logicalName = (name: string): string =>
  name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', 'Dash');

/** Where the reports go, unless a parameter says otherwise. */
export const REPORT_URL = {
  'Fn::Sub': `https://\${HttpApi}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}/reports`,
};

/** A queue that keeps what failed for good as long as SQS can. */
export const failureQueue = (name: string) => ({
  QueueName: name,
  MessageRetentionPeriod: 14 * 24 * 3600,
  SqsManagedSseEnabled: true,
});
