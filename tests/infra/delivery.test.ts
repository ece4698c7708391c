import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DUE_INDEX } from '../../lib/delivery/due.ts';
import { deliveryKey } from '../../lib/delivery/item.ts';
import { alarmOf, REPORT_URL } from './functions.ts';
import { packageService, propertiesIn, resourcesOf, STAGES } from './packaged.ts';

const { template } = await packageService(...STAGES.dev);

const propertiesOf = (id: string) => propertiesIn(template, id);
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const byFunction = (one: object, other: object) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1);

describe('the table', () => {
  it('finds deliveries that are due by an index of keys alone', () => {
    const { AttributeDefinitions, GlobalSecondaryIndexes } = propertiesOf('GuardTable');
    assert.deepEqual(AttributeDefinitions, [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'dueShard', AttributeType: 'S' },
      { AttributeName: 'dueAt', AttributeType: 'N' },
    ]);
    assert.deepEqual(GlobalSecondaryIndexes, [
      {
        IndexName: DUE_INDEX,
        KeySchema: [
          { AttributeName: 'dueShard', KeyType: 'HASH' },
          { AttributeName: 'dueAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ]);
  });

  it('tells what changed, before and after', () => {
    assert.deepEqual(propertiesOf('GuardTable').StreamSpecification, {
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    });
  });
});

describe('the stream of the table', () => {
  const { FilterCriteria, ...mapping } = propertiesOf(
    'DeliveryDasheventsEventSourceMappingDynamodbGuardTable',
  );

  it('is read from its beginning, in batches of 100, and tried for a day', () => {
    assert.deepEqual(mapping, {
      EventSourceArn: { 'Fn::GetAtt': ['GuardTable', 'StreamArn'] },
      FunctionName: arnOf('DeliveryDasheventsLambdaFunction'),
      Enabled: true,
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRecordAgeInSeconds: 12 * 3600,
      DestinationConfig: { OnFailure: { Destination: arnOf('EventFailureQueue') } },
    });
  });

  it('passes on what is written of deliveries, and nothing else', () => {
    const [{ Pattern }, ...others] = FilterCriteria.Filters;
    assert.deepEqual(others, []);
    assert.deepEqual(JSON.parse(Pattern), {
      eventName: ['INSERT', 'MODIFY'],
      dynamodb: { Keys: { pk: { S: [{ prefix: deliveryKey('') }] } } },
    });
  });

  it('leaves what could not be told in a queue for 14 days, and raises an alarm', () => {
    assert.deepEqual(propertiesOf('EventFailureQueue'), {
      QueueName: 'smsaero-dev-event-failures',
      MessageRetentionPeriod: 14 * 24 * 3600,
      SqsManagedSseEnabled: true,
    });
    const { AlarmDescription, ...alarm } = propertiesOf('EventFailureAlarm');
    assert.match(AlarmDescription, /docs\/operations\/alarms\.md/);
    assert.deepEqual(alarm, alarmOf('EventFailureQueue', 'smsaero-dev-event-failures'));
  });
});

describe('the schedules', () => {
  const SCHEDULES = { AccountDashmonitor: 15, DeliveryDashcheck: 5 };

  it('are these, and each function is called by its own rule alone', () => {
    const permissions = resourcesOf(template, 'AWS::Lambda::Permission').map(
      ([, { Properties }]) => Properties,
    );
    assert.deepEqual(
      permissions.filter(({ Principal }) => Principal !== 'apigateway.amazonaws.com').sort(byFunction),
      Object.keys(SCHEDULES).map((name) => ({
        FunctionName: arnOf(`${name}LambdaFunction`),
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn: arnOf(`${name}EventsRuleSchedule1`),
      })),
    );
  });

  for (const [name, minutes] of Object.entries(SCHEDULES)) {
    it(`run ${name} every ${minutes} minutes`, () => {
      const rule = propertiesOf(`${name}EventsRuleSchedule1`);
      assert.equal(rule.ScheduleExpression, `rate(${minutes} minutes)`);
      assert.equal(rule.State, 'ENABLED');
      assert.deepEqual(
        rule.Targets.map(({ Arn }: { Arn: unknown }) => Arn),
        [arnOf(`${name}LambdaFunction`)],
      );
    });

    it(`end ${name} before the next run begins: it is neither repeated nor kept waiting`, () => {
      const { Timeout } = propertiesOf(`${name}LambdaFunction`);
      const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = propertiesOf(`${name}LambdaEvConf`);
      assert.equal(MaximumRetryAttempts, 0);
      assert.ok(Timeout + MaximumEventAgeInSeconds < minutes * 60);
    });
  }
});

describe('the event bus', () => {
  it('passes commands to the queue as they are, and what it cannot deliver to the dead letters', () => {
    assert.equal(propertiesOf('EventBus').Name, 'smsaero-dev');
    const { Description: _, ...rule } = propertiesOf('CommandRule');
    assert.deepEqual(rule, {
      Name: 'smsaero-dev-commands',
      EventBusName: { Ref: 'EventBus' },
      EventPattern: { 'detail-type': ['sms.send.v1'] },
      Targets: [
        {
          Id: 'commands',
          Arn: arnOf('CommandQueue'),
          DeadLetterConfig: { Arn: arnOf('DeadLetterQueue') },
        },
      ],
    });
  });

  it('is used by nobody outside the account', () => {
    assert.deepEqual(resourcesOf(template, 'AWS::Events::EventBusPolicy'), []);
    assert.equal(propertiesOf('EventBus').Policy, undefined);
  });
});

describe('the outputs', () => {
  it('say where commands go in, where events come out, and where failures lie', () => {
    for (const [name, value] of Object.entries({
      CommandQueueUrl: { Ref: 'CommandQueue' },
      CommandQueueArn: arnOf('CommandQueue'),
      DeadLetterQueueUrl: { Ref: 'DeadLetterQueue' },
      EventBusName: { Ref: 'EventBus' },
      EventBusArn: arnOf('EventBus'),
      EventFailureQueueUrl: { Ref: 'EventFailureQueue' },
      ReportUrl: REPORT_URL,
    })) {
      assert.deepEqual(template.Outputs[name]?.Value, value, name);
    }
  });

  it('subscribe to no topic unless one is named', () => {
    assert.deepEqual(resourcesOf(template, 'AWS::SNS::Subscription'), []);
    assert.doesNotMatch(JSON.stringify(template.Resources['CommandQueuePolicy']), /sns/);
  });
});
