const { alarm, aws, one, own, sum } = require('./alarm.cjs');

const FUNCTIONS = [
  ...['sms-hook', 'sms-queue', 'message-status', 'delivery-report', 'delivery-check', 'delivery-events'],
  'account-monitor',
];
const COGNITO = ['cognito-sms-sender', 'cognito-auth-challenge'];

/** It throws to have a code sent later; what was never sent is in its failure queue, which has an alarm of its own. */
const THROWS = 'cognito-sms-sender';

/** Requests that API Gateway refused by itself: it counts them among all others that end with 4xx. */
const THROTTLED = { Namespace: 'SmsAero', MetricName: 'RequestsThrottled' };

/** Alarms about what AWS runs. CommonJS, because that is how osls loads it. */
module.exports = async ({ resolveVariable }) => {
  const [stage, way] = await Promise.all(['sls:stage', 'self:custom.cognito'].map(resolveVariable));
  const names = way === 'off' ? FUNCTIONS : [...FUNCTIONS, ...COGNITO];
  const lambda = (metric, functions) =>
    functions.map((name) => aws('Lambda', metric, { FunctionName: `smsaero-${stage}-${name}` }));
  const table = { TableName: { Ref: 'GuardTable' } };
  return {
    Resources: {
      // delivery-check that fails each time makes three in a quarter of an hour.
      FunctionErrorAlarm: alarm(stage, 'function-errors', 'Functions broke three times or more', {
        ...sum(
          'errors',
          lambda(
            'Errors',
            names.filter((name) => name !== THROWS),
          ),
          900,
        ),
        Threshold: 3,
      }),
      FunctionThrottleAlarm: alarm(stage, 'function-throttles', 'Lambda does not start functions', {
        ...sum('throttles', lambda('Throttles', names), 900),
        Threshold: 5,
      }),
      RequestsThrottled: {
        Type: 'AWS::Logs::MetricFilter',
        Properties: {
          LogGroupName: { Ref: 'HttpApiLogGroup' },
          // The function's own 429 has the status of an integration.
          FilterPattern: '{ $.status = "429" && $.integrationStatus = "-" }',
          MetricTransformations: [
            {
              MetricNamespace: THROTTLED.Namespace,
              MetricName: THROTTLED.MetricName,
              MetricValue: '1',
              Dimensions: [{ Key: 'ApiId', Value: '$.apiId' }],
            },
          ],
        },
      },
      ApiThrottleAlarm: alarm(stage, 'api-throttles', 'API Gateway turns requests away', {
        ...one({ ...THROTTLED, Dimensions: [{ Name: 'ApiId', Value: { Ref: 'HttpApi' } }] }, 'Sum', 300),
        Threshold: 10,
      }),
      TableAlarm: alarm(stage, 'table', 'The table is slow or throttles: messages go out without the guard', {
        ...sum(
          'throttled or skipped',
          [
            aws('DynamoDB', 'ReadThrottleEvents', table),
            aws('DynamoDB', 'WriteThrottleEvents', table),
            own(stage, 'GuardSkipped'),
          ],
          900,
        ),
        Threshold: 5,
      }),
    },
  };
};
