/**
 * What the SNS topic of commands needs, if the parameter `commandTopicArn` names one; else nothing of it is in the template. CommonJS,
 * because that is how osls loads it.
 *
 * @returns {Promise<{ statements: object[], subscription: object }>} the statements of the command queue's policy, and resources
 */
module.exports = async ({ resolveVariable }) => {
  const arn = await resolveVariable('param:commandTopicArn');
  return {
    statements: [
      takeCommands('TakeCommandsOfBus', 'events', { 'Fn::GetAtt': ['CommandRule', 'Arn'] }),
      ...(arn ? [takeCommands('TakeCommandsOfTopic', 'sns', arn)] : []),
      {
        Sid: 'RefusePlainHttp',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:*',
        Resource: QUEUE,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
    subscription: { Resources: arn ? { CommandSubscription: subscription(arn) } : {} },
  };
};

const QUEUE = { 'Fn::GetAtt': ['CommandQueue', 'Arn'] };

const takeCommands = (Sid, service, source) => ({
  Sid,
  Effect: 'Allow',
  Principal: { Service: `${service}.amazonaws.com` },
  Action: 'sqs:SendMessage',
  Resource: QUEUE,
  Condition: { ArnEquals: { 'aws:SourceArn': source } },
});

const subscription = (arn) => ({
  Type: 'AWS::SNS::Subscription',
  DependsOn: 'CommandQueuePolicy', // SNS does not repeat what the queue refuses
  Properties: {
    TopicArn: arn,
    Region: String(arn).split(':')[3], // the topic may be in another region than the queue
    Protocol: 'sqs',
    Endpoint: QUEUE,
    RawMessageDelivery: false, // SNS's envelope stays around the command; the function reads both
  },
});
