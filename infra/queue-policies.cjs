/**
 * Who may put messages into the queues of commands and dead letters: the rule of the bus, and the SNS topic that the parameter
 * `commandTopicArn` names; of that nothing is in the template without one. Principals of this account need no statement here, but
 * sqs:SendMessage in their policies.
 */
module.exports = async ({ resolveVariable }) => {
  const topic = await resolveVariable('param:commandTopicArn');
  const rule = { 'Fn::GetAtt': ['CommandRule', 'Arn'] };
  return {
    Resources: {
      CommandQueuePolicy: policy('CommandQueue', (queue) => [
        takeFrom('TakeCommandsOfBus', 'events', rule, queue),
        ...(topic ? [takeFrom('TakeCommandsOfTopic', 'sns', topic, queue)] : []),
      ]),
      DeadLetterQueuePolicy: policy('DeadLetterQueue', (queue) => [
        takeFrom('TakeWhatTheBusCouldNotDeliver', 'events', rule, queue),
      ]),
      ...(topic && { CommandSubscription: subscription(topic) }),
    },
  };
};

function policy(id, statementsFor) {
  const queue = { 'Fn::GetAtt': [id, 'Arn'] };
  const refusePlainHttp = {
    Sid: 'RefusePlainHttp',
    Effect: 'Deny',
    Principal: '*',
    Action: 'sqs:*',
    Resource: queue,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  const Statement = [...statementsFor(queue), refusePlainHttp];
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: { Queues: [{ Ref: id }], PolicyDocument: { Version: '2012-10-17', Statement } },
  };
}

const takeFrom = (Sid, service, source, Resource) => ({
  Sid,
  Effect: 'Allow',
  Principal: { Service: `${service}.amazonaws.com` },
  Action: 'sqs:SendMessage',
  Resource,
  Condition: { ArnEquals: { 'aws:SourceArn': source } },
});

const subscription = (arn) => ({
  Type: 'AWS::SNS::Subscription',
  DependsOn: 'CommandQueuePolicy', // SNS does not repeat what the queue refuses
  Properties: {
    TopicArn: arn,
    Region: String(arn).split(':')[3], // the topic may be in another region than the queue
    Protocol: 'sqs',
    Endpoint: { 'Fn::GetAtt': ['CommandQueue', 'Arn'] },
    RawMessageDelivery: false, // SNS's envelope stays around the command; the function reads both
  },
});
