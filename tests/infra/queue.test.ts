import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IDEMPOTENCY_TTL_S } from '../../lib/queue/carry-out.ts';
import { arnOf, failureQueue } from './functions.ts';
import { packageService, propertiesIn } from './packaged.ts';
import { allows, arn, place, type Statement } from './policy.ts';

const TOPIC = 'arn:aws:sns:us-east-1:444455556666:commands';

const { template } = await packageService('own'); // with the topic
const { template: without } = await packageService('dev');
const propertiesOf = (id: string) => propertiesIn(template, id);

const commands = arn('sqs', 'smsaero-prod-commands');
const deadLetters = arn('sqs', 'smsaero-prod-dead-letters');
const rule = arn('events', 'rule/smsaero-prod/smsaero-prod-commands');
const attributes = {
  'CommandQueue.Arn': commands,
  'DeadLetterQueue.Arn': deadLetters,
  'CommandRule.Arn': rule,
};

describe('the queue of commands', () => {
  it('is encrypted, hides a command for six runs, keeps it for two days and gives it up after 60 tries', () => {
    assert.deepEqual(propertiesOf('CommandQueue'), {
      QueueName: 'smsaero-prod-commands',
      SqsManagedSseEnabled: true,
      VisibilityTimeout: 6 * propertiesOf('SmsDashqueueLambdaFunction').Timeout,
      MessageRetentionPeriod: IDEMPOTENCY_TTL_S,
      RedrivePolicy: { deadLetterTargetArn: arnOf('DeadLetterQueue'), maxReceiveCount: 60 },
    });
  });

  it('hands ten at once to the function, to as many runs as the parameter says', () => {
    assert.deepEqual(propertiesOf('SmsDashqueueEventSourceMappingSQSCommandQueue'), {
      BatchSize: 10,
      Enabled: true,
      EventSourceArn: arnOf('CommandQueue'),
      FunctionName: arnOf('SmsDashqueueLambdaFunction'),
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 9 },
    });
  });

  it('gives up to a queue that takes from no other, and keeps for 14 days', () => {
    const source = `arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:smsaero-prod-commands`;
    assert.deepEqual(propertiesOf('DeadLetterQueue'), {
      ...failureQueue('smsaero-prod-dead-letters'),
      RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [{ 'Fn::Sub': source }] },
    });
  });
});

describe('who may put messages into the queues', () => {
  const policyOf = (id: string, built = template): Statement[] =>
    propertiesIn(built, id).PolicyDocument.Statement;
  const tls = { 'aws:SecureTransport': 'true' };

  for (const [id, queue] of [
    ['CommandQueuePolicy', commands],
    ['DeadLetterQueuePolicy', deadLetters],
  ] as const) {
    const policy = policyOf(id);

    it(`${id} lets the rule of this stack send to its queue, and no other source`, async () => {
      assert.deepEqual(propertiesOf(id).Queues, [{ Ref: id.replace('Policy', '') }]);
      for (const [service, action, source, expected] of [
        ['events', 'SendMessage', rule, true],
        ['events', 'ReceiveMessage', rule, false],
        ['s3', 'SendMessage', rule, false],
        ['events', 'SendMessage', arn('events', 'rule/smsaero-prod/other'), false],
        ['events', 'SendMessage', arn('events', 'rule/smsaero-dev/smsaero-dev-commands'), false],
        ['events', 'SendMessage', rule.replace(place.AccountId, '444455556666'), false],
        ['events', 'SendMessage', TOPIC, false],
        ['sns', 'SendMessage', TOPIC, id === 'CommandQueuePolicy'],
        ['sns', 'SendMessage', `${TOPIC}2`, false],
        ['sns', 'SendMessage', arn('sns', 'commands'), false],
      ] as const) {
        const context = { ...tls, 'aws:SourceArn': source };
        const principal = `${service}.amazonaws.com`;
        const may = await allows(policy, attributes, `sqs:${action}`, queue, context, principal);
        assert.equal(may, expected, `${service} ${action} ${source}`);
      }
    });

    it(`${id} refuses what does not come by TLS, whoever it is`, async () => {
      const plain = { 'aws:SecureTransport': 'false' };
      const byRule = { ...plain, 'aws:SourceArn': rule };
      const events = 'events.amazonaws.com';
      assert.equal(await allows(policy, attributes, 'sqs:SendMessage', queue, byRule, events), false);
      const asked: Statement[] = [...policy, { Effect: 'Allow', Action: 'sqs:*', Resource: queue }];
      for (const action of ['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:PurgeQueue']) {
        assert.equal(await allows(asked, attributes, action, queue, plain), false, action);
        assert.equal(await allows(asked, attributes, action, queue, tls), true, action);
      }
    });
  }

  it('a topic is subscribed to only if it is named, after the queue lets it send', () => {
    assert.equal(without.Resources['CommandSubscription'], undefined);
    assert.doesNotMatch(JSON.stringify(policyOf('CommandQueuePolicy', without)), /sns/);
    assert.deepEqual(template.Resources['CommandSubscription'], {
      Type: 'AWS::SNS::Subscription',
      DependsOn: ['CommandQueuePolicy'],
      Properties: {
        TopicArn: TOPIC,
        Region: 'us-east-1',
        Protocol: 'sqs',
        Endpoint: arnOf('CommandQueue'),
        RawMessageDelivery: false,
      },
    });
  });
});
