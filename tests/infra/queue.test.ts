import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IDEMPOTENCY_TTL_S } from '../../lib/queue/carry-out.ts';
import { alarmOf } from './functions.ts';
import { functionsOf, packageService, propertiesIn, STAGES } from './packaged.ts';
import { allows, place, type Statement } from './policy.ts';

const TOPIC = 'arn:aws:sns:us-east-1:444455556666:commands';

const { template } = await packageService(...STAGES.own);
const { template: untold } = await packageService(...STAGES.prod);

const propertiesOf = (id: string) => propertiesIn(template, id);
const arn = (service: string, resource: string) =>
  `arn:aws:${service}:${place.Region}:${place.AccountId}:${resource}`;
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

const commands = arn('sqs', 'smsaero-prod-commands');
const deadLetters = arn('sqs', 'smsaero-prod-dead-letters');
const rule = arn('events', 'rule/smsaero-prod/smsaero-prod-commands');
const attributes = {
  'CommandQueue.Arn': commands,
  'DeadLetterQueue.Arn': deadLetters,
  'CommandRule.Arn': rule,
};

describe('the package with a topic of commands', () => {
  it('tells every function the report URL that was asked for, as a plain string', () => {
    for (const { Environment } of functionsOf(template)) {
      assert.equal(Environment.Variables.SMSAERO_REPORT_URL, 'https://sms.example.com/reports');
    }
    assert.equal(template.Outputs['ReportUrl']?.Value, 'https://sms.example.com/reports');
  });
});

describe('the queue of commands', () => {
  it('is encrypted, hides a command for six runs, keeps it for two days and gives it up after 60 tries', () => {
    const run = functionsOf(template).find(({ FunctionName }) => FunctionName === 'smsaero-prod-sms-queue');
    assert.deepEqual(propertiesOf('CommandQueue'), {
      QueueName: 'smsaero-prod-commands',
      SqsManagedSseEnabled: true,
      VisibilityTimeout: 6 * run?.Timeout,
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

  it('gives up to a queue that takes from no other, keeps for 14 days and raises an alarm', () => {
    assert.deepEqual(propertiesOf('DeadLetterQueue'), {
      QueueName: 'smsaero-prod-dead-letters',
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 24 * 3600,
      RedriveAllowPolicy: {
        redrivePermission: 'byQueue',
        sourceQueueArns: [
          {
            'Fn::Sub': `arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:smsaero-prod-commands`,
          },
        ],
      },
    });
    const { AlarmDescription, ...alarm } = propertiesOf('DeadLetterAlarm');
    assert.match(AlarmDescription, /docs\/operations\/alarms\.md/);
    assert.deepEqual(alarm, alarmOf('DeadLetterQueue', 'smsaero-prod-dead-letters'));
  });
});

describe('who may put messages into the queues', () => {
  /** The statements of a queue's policy. */
  const policyOf = (id: string, built = template): Statement[] =>
    propertiesIn(built, id).PolicyDocument.Statement;
  const tls = { 'aws:SecureTransport': 'true' };
  const may = (
    service: string,
    policy: Statement[],
    queue: string,
    source: string,
    action = 'sqs:SendMessage',
  ) => allows(policy, attributes, action, queue, { ...tls, 'aws:SourceArn': source }, service);

  it('policies belong to these two queues', () => {
    assert.deepEqual(propertiesOf('CommandQueuePolicy').Queues, [{ Ref: 'CommandQueue' }]);
    assert.deepEqual(propertiesOf('DeadLetterQueuePolicy').Queues, [{ Ref: 'DeadLetterQueue' }]);
  });

  for (const [id, queue] of [
    ['CommandQueuePolicy', commands],
    ['DeadLetterQueuePolicy', deadLetters],
  ] as const) {
    it(`${id} lets the rule of this stack send, and no other source`, async () => {
      const policy = policyOf(id);
      assert.equal(await may('events.amazonaws.com', policy, queue, rule), true);
      for (const other of [
        arn('events', 'rule/smsaero-prod/other'),
        arn('events', 'rule/smsaero-dev/smsaero-dev-commands'),
        rule.replace(place.AccountId, '444455556666'),
        TOPIC,
      ]) {
        assert.equal(await may('events.amazonaws.com', policy, queue, other), false, other);
      }
      assert.equal(await may('events.amazonaws.com', policy, queue, rule, 'sqs:ReceiveMessage'), false);
      assert.equal(await may('s3.amazonaws.com', policy, queue, rule), false);
    });

    it(`${id} refuses what does not come by TLS, whoever it is`, async () => {
      const policy = policyOf(id);
      const plain = { 'aws:SecureTransport': 'false', 'aws:SourceArn': rule };
      assert.equal(
        await allows(policy, attributes, 'sqs:SendMessage', queue, plain, 'events.amazonaws.com'),
        false,
      );
      const allowAll: Statement = { Effect: 'Allow', Action: 'sqs:*', Resource: queue };
      for (const action of ['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:PurgeQueue']) {
        const asked = [...policy, allowAll];
        assert.equal(
          await allows(asked, attributes, action, queue, { 'aws:SecureTransport': 'false' }),
          false,
          action,
        );
        assert.equal(await allows(asked, attributes, action, queue, tls), true, action);
      }
    });
  }

  it('the topic that is named sends commands, and nothing to the dead-letter queue', async () => {
    const policy = policyOf('CommandQueuePolicy');
    assert.equal(await may('sns.amazonaws.com', policy, commands, TOPIC), true);
    assert.equal(await may('sns.amazonaws.com', policy, commands, `${TOPIC}2`), false);
    assert.equal(await may('sns.amazonaws.com', policy, commands, arn('sns', 'commands')), false);
    assert.equal(
      await may('sns.amazonaws.com', policyOf('CommandQueuePolicy', untold), commands, TOPIC),
      false,
    );
    assert.equal(
      await may('sns.amazonaws.com', policyOf('DeadLetterQueuePolicy'), deadLetters, TOPIC),
      false,
    );
  });

  it('the topic is subscribed to only if it is named, after the queue lets it send', () => {
    assert.equal(untold.Resources['CommandSubscription'], undefined);
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
