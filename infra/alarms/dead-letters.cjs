const { aws, ofStage, one } = require('./alarm.cjs');

/**
 * Alarms about queues of messages that failed for good, which `failureQueuesOf` in alarm.cjs lists: raised as soon as one message lies
 * there.
 */
module.exports = (stage, way) => {
  const failureAlarm = (name, queue, description) =>
    ofStage(stage).alarm(name, description, {
      ...one(
        aws('SQS', 'ApproximateNumberOfMessagesVisible', {
          QueueName: { 'Fn::GetAtt': [queue, 'QueueName'] },
        }),
        'Maximum',
        60,
      ),
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 0,
      // Six hours after the last call SQS may stop the metrics of a queue, empty or not: a message there is still there. Who deletes it
      // calls, and so has SQS say 0. Not filled with 0, for the same reason.
      TreatMissingData: 'ignore',
    });
  return {
    basic: {
      DeadLetterAlarm: failureAlarm(
        'dead-letters',
        'DeadLetterQueue',
        'Commands to send a message failed for good. npm run smsaero -- dead-letters list says why',
      ),
      EventFailureAlarm: failureAlarm(
        'event-failures',
        'EventFailureQueue',
        'Events could not be published for 12 hours. The log of delivery-events says why',
      ),
      ...(way !== 'off' && {
        CognitoFailureAlarm: failureAlarm(
          'cognito-failures',
          'CognitoFailureQueue',
          "Codes of Cognito were not sent after three tries. The function's log says why",
        ),
      }),
    },
  };
};
