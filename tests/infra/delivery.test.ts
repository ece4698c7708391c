import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DUE_INDEX } from '../../lib/delivery/due.ts';
import { deliveryKey } from '../../lib/delivery/item.ts';
import { arnOf, failureQueue, REPORT_URL } from './functions.ts';
import { packageService, propertiesIn, resourcesOf } from './packaged.ts';

const { template } = await packageService('dev');
const propertiesOf = (id: string) => propertiesIn(template, id);

describe('the table', () => {
  it('is one, paid by use, whose items expire, and are read before and after a change', () => {
    assert.equal(resourcesOf(template, 'AWS::DynamoDB::Table').length, 1);
    const table = propertiesOf('GuardTable');
    assert.deepEqual([table.TableName, table.BillingMode], ['smsaero-dev', 'PAY_PER_REQUEST']);
    assert.deepEqual(table.KeySchema, [{ AttributeName: 'pk', KeyType: 'HASH' }]);
    assert.deepEqual(table.TimeToLiveSpecification, { AttributeName: 'expiresAt', Enabled: true });
    assert.deepEqual(table.StreamSpecification, { StreamViewType: 'NEW_AND_OLD_IMAGES' });
  });

  it('finds deliveries that are due by an index of keys only', () => {
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
});

describe('the stream of the table', () => {
  const { FilterCriteria, ...mapping } = propertiesOf(
    'DeliveryDasheventsEventSourceMappingDynamodbGuardTable',
  );

  it('is read from its beginning, in batches of 100, and tried for half a day, then kept for 14 days', () => {
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
    assert.deepEqual(propertiesOf('EventFailureQueue'), failureQueue('smsaero-dev-event-failures'));
  });

  it('passes on what is written of deliveries, and nothing else', () => {
    const patterns = FilterCriteria.Filters.map(({ Pattern }: { Pattern: string }) => JSON.parse(Pattern));
    const Keys = { pk: { S: [{ prefix: deliveryKey('') }] } };
    assert.deepEqual(patterns, [{ eventName: ['INSERT', 'MODIFY'], dynamodb: { Keys } }]);
  });
});

describe('the schedules', () => {
  const SCHEDULES = { AccountDashmonitor: 15, DeliveryDashcheck: 5 };

  it('are these, and each function is called by its own rule', () => {
    const permissions = resourcesOf(template, 'AWS::Lambda::Permission')
      .map(([, { Properties }]) => Properties)
      .filter(({ Principal }) => Principal !== 'apigateway.amazonaws.com')
      .map(({ FunctionName, Principal, SourceArn }) => [FunctionName, Principal, SourceArn]);
    const expected = Object.keys(SCHEDULES).map((name) => [
      arnOf(`${name}LambdaFunction`),
      'events.amazonaws.com',
      arnOf(`${name}EventsRuleSchedule1`),
    ]);
    assert.deepEqual(new Set(permissions), new Set(expected));
  });

  for (const [name, minutes] of Object.entries(SCHEDULES)) {
    it(`run ${name} every ${minutes} minutes, and end before the next run: no run is repeated or kept waiting`, () => {
      const { ScheduleExpression, State, Targets } = propertiesOf(`${name}EventsRuleSchedule1`);
      assert.deepEqual([ScheduleExpression, State], [`rate(${minutes} minutes)`, 'ENABLED']);
      assert.deepEqual(Targets[0].Arn, arnOf(`${name}LambdaFunction`));
      const { Timeout } = propertiesOf(`${name}LambdaFunction`);
      const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = propertiesOf(`${name}LambdaEvConf`);
      assert.equal(MaximumRetryAttempts, 0);
      assert.ok(Timeout + MaximumEventAgeInSeconds < minutes * 60);
    });
  }
});

describe('the event bus', () => {
  it('passes commands to the queue as they are, and what it cannot deliver to the dead letters', () => {
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
    const { Name, Policy } = propertiesOf('EventBus');
    assert.deepEqual([Name, Policy], ['smsaero-dev', undefined]);
  });
});

it('the outputs say where commands go in, where events come out, and where failures lie', () => {
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
