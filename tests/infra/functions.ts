export interface Expected {
  readonly memory: number;
  readonly timeout: number;
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
    'cognito-sms-sender': { memory: 1024, timeout: 30, variables: key },
    // Cognito waits for 5 s and no longer.
    'cognito-auth-challenge': { memory: 1769, timeout: 5, variables: WRONG_ANSWERS },
  };
  return {
    'sms-hook': { memory: 1769, timeout: 6 },
    'sms-queue': { memory: 1024, timeout: 30, variables: QUEUES },
    'message-status': { memory: 1769, timeout: 6 },
    'delivery-report': { memory: 512, timeout: 10 },
    'delivery-check': { memory: 512, timeout: 60 },
    'delivery-events': { memory: 512, timeout: 30, variables: events },
    'account-monitor': { memory: 512, timeout: 30 },
    ...(hasCognito ? cognito : {}),
  };
};

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** The logical id of a function's role, which no other function has: `SmsHookRole` of `sms-hook`. */
export const roleOf = (name: string): string => `${name.split('-').map(capital).join('')}Role`;

/** What osls names a function's resources: `SmsDashhook` of `sms-hook`, to which it adds `LambdaFunction`, `LogGroup` and so on. */
export const logicalName = (name: string): string => capital(name).replaceAll('-', 'Dash');

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
