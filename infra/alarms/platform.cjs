const { aws, functionsOf, math, ofStage, oneOf, sum } = require('./alarm.cjs');

/** It throws to have a code sent later; what was never sent is in its failure queue, which has an alarm too. */
const THROWS = 'cognito-sms-sender';

/** Requests that API Gateway refused by itself: it counts them among all others that end with 4xx. */
const THROTTLED = { Namespace: 'SmsAero', MetricName: 'RequestsThrottled' };

/** Half of the ten minutes that a command lives unless it says otherwise (lib/queue/command.ts). In s. */
const HALF_A_LIFE = 300;

/** Alarms about what AWS runs, by the level of monitoring that has them first. */
module.exports = (stage, way) => {
  const { alarm, own } = ofStage(stage);
  const names = functionsOf(way);
  const lambda = (metric, functions) =>
    functions.map((name) => aws('Lambda', metric, { FunctionName: `smsaero-${stage}-${name}` }));
  const commands = (metric) =>
    aws('SQS', metric, { QueueName: { 'Fn::GetAtt': ['CommandQueue', 'QueueName'] } });
  return {
    basic: {
      // delivery-check that fails each time makes three in a quarter of an hour.
      FunctionErrorAlarm: alarm('function-errors', 'Functions failed three times or more', {
        ...sum(
          'errors',
          lambda(
            'Errors',
            names.filter((name) => name !== THROWS),
          ),
          900,
        ),
        ...oneOf(2), // Lambda counts an error at the time when the run began, and tells of it when that has ended
        Threshold: 3,
      }),
    },
    full: {
      FunctionThrottleAlarm: alarm('function-throttles', 'Lambda throttles functions: people get 503', {
        ...sum('throttles', lambda('Throttles', names), 900),
        ...oneOf(2),
        Threshold: 5,
      }),
      RequestsThrottled: {
        Type: 'AWS::Logs::MetricFilter',
        Properties: {
          LogGroupName: { Ref: 'HttpApiLogGroup' },
          // The function's 429 has the status of an integration.
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
      ApiThrottleAlarm: alarm('api-throttles', 'API Gateway refuses requests with 429', {
        ...sum(
          'refused with 429',
          [{ ...THROTTLED, Dimensions: [{ Name: 'ApiId', Value: { Ref: 'HttpApi' } }] }],
          300,
        ),
        ...oneOf(3), // the access log comes minutes later in a flood
        Threshold: 10,
      }),
      // The age says too much without the count: a command that waits to be retried, for an hour where a limit says so, counts in it until it was
      // received three times (SQS Developer Guide, "Available CloudWatch metrics"). But it is hidden meanwhile. So the age counts while more
      // commands wait in sight than were done in the same five minutes: at this pace the last of them waits for five more.
      // Without a count of those in sight there is no value, and the alarm stays what it was: SQS is silent about a queue at times.
      CommandAgeAlarm: alarm('command-age', 'The oldest command has waited for five minutes or more', {
        ...math(
          'IF(visible, (visible > FILL(deleted, 0)) * FILL(age, 0), 0)',
          'age of the oldest command, s',
          {
            age: commands('ApproximateAgeOfOldestMessage'),
            visible: commands('ApproximateNumberOfMessagesVisible'),
            deleted: commands('NumberOfMessagesDeleted'),
          },
          HALF_A_LIFE,
          { age: 'Maximum', visible: 'Minimum', deleted: 'Sum' },
        ),
        ...oneOf(2),
        Threshold: HALF_A_LIFE,
        TreatMissingData: 'ignore',
      }),
      // Sign-in by code sends nothing without the table, so it skips no guard either.
      TableAlarm: alarm('table', 'The table does not answer: messages are sent without the guard', {
        ...sum(
          'skipped or refused',
          [own('GuardSkipped'), own('SignInRefused', { Reason: 'table_unavailable' })],
          900,
        ),
        ...oneOf(2),
        Threshold: 5,
      }),
    },
  };
};
