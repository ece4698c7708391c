const account = require('./alarms/account.cjs');
const deadLetters = require('./alarms/dead-letters.cjs');
const messages = require('./alarms/messages.cjs');
const platform = require('./alarms/platform.cjs');

/**
 * The alarms of a stage by its level of monitoring, and the topic that all of them go to. Nobody is notified without a subscription,
 * which is not made here: `aws sns subscribe`.
 */
module.exports = async ({ resolveVariable }) => {
  const variables = ['sls:stage', 'self:custom.monitoring', 'self:custom.cognito'];
  const parameters = ['param:balanceAlarm', 'param:daysLeftAlarm'];
  const [stage, level, way, balance, days] = await Promise.all(
    [...variables, ...parameters].map(resolveVariable),
  );
  if (level === 'off') return { Resources: {} };
  const made = [
    messages(stage),
    account(stage, Number(balance), Number(days)),
    platform(stage, way),
    deadLetters(stage, way),
  ];
  const alarms = made.flatMap(({ basic, full }) => (level === 'full' ? [basic, full] : [basic]));
  return {
    Resources: Object.assign({}, ...alarms, topic(stage)),
    Outputs: {
      AlarmTopicArn: {
        Description: 'SNS topic of all alarms; subscribe an address to it',
        Value: { Ref: 'AlarmTopic' },
      },
    },
  };
};

const topic = (stage) => ({
  AlarmTopic: {
    Type: 'AWS::SNS::Topic',
    // Not encrypted: CloudWatch may not use the key that AWS manages for SNS, and an alarm holds a name and a number.
    Properties: { TopicName: `smsaero-${stage}-alarms` },
  },
  AlarmTopicPolicy: {
    Type: 'AWS::SNS::TopicPolicy',
    Properties: {
      Topics: [{ Ref: 'AlarmTopic' }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'PublishAlarms',
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: 'sns:Publish',
            Resource: { Ref: 'AlarmTopic' },
            Condition: {
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
              ArnLike: {
                'aws:SourceArn': {
                  'Fn::Sub': `arn:\${AWS::Partition}:cloudwatch:\${AWS::Region}:\${AWS::AccountId}:alarm:*`,
                },
              },
            },
          },
        ],
      },
    },
  },
});
