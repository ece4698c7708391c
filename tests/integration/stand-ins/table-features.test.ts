import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { ManualClock } from '../../../local/clock.ts';
import { startTable, type TableOptions, type TableStandIn } from '../../../local/table/index.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';

useAwsStandIns();

const TableName = 'smsaero-test';
const STREAM = { prefix: 'delivery#', clock: new ManualClock() };

let table: TableStandIn;
let client: DynamoDBClient;

async function start(options: TableOptions): Promise<void> {
  table = await startTable(TableName, options);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new DynamoDBClient({ endpoint: table.url, region: 'eu-central-1', credentials, maxAttempts: 1 });
}
afterEach(async () => {
  client.destroy();
  await table.close();
});

const described = async (name = TableName) =>
  (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
const timeToLive = async () =>
  (await client.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription;
const setTimeToLive = (Enabled: boolean, AttributeName = 'expiresAt', name = TableName) =>
  client.send(
    new UpdateTimeToLiveCommand({
      TableName: name,
      TimeToLiveSpecification: { Enabled, AttributeName },
    }),
  );

describe("the table's description", () => {
  it('tells of the stream that there is', async () => {
    await start({ stream: STREAM });
    const { StreamSpecification, LatestStreamArn, LatestStreamLabel, TableStatus } =
      (await described()) ?? {};
    assert.deepEqual(StreamSpecification, { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' });
    assert.equal(LatestStreamArn, table.stream.arn);
    assert.equal(LatestStreamLabel, '2026-01-01T00:00:00.000');
    assert.equal(TableStatus, 'ACTIVE');
  });

  it('tells of none where there is none, nor of one that another table was made without', async () => {
    await start({});
    const none = { StreamSpecification: undefined, LatestStreamArn: undefined };
    const of = async (name?: string) => {
      const { StreamSpecification, LatestStreamArn } = (await described(name)) ?? {};
      return { StreamSpecification, LatestStreamArn };
    };
    assert.deepEqual(await of(), none);
    const other = await client.send(
      new CreateTableCommand({
        TableName: 'another',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        StreamSpecification: { StreamEnabled: false },
      }),
    );
    assert.equal(other.TableDescription?.TableName, 'another');
    assert.deepEqual(await of('another'), none);
  });
});

describe("the table's time to live", () => {
  it('is that of infra/table.yml', async () => {
    await start({});
    assert.deepEqual(await timeToLive(), { TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' });
  });

  it('is none of a table that was made without', async () => {
    await start({ timeToLive: false });
    assert.deepEqual(await timeToLive(), { TimeToLiveStatus: 'DISABLED' });
  });

  it('is changed as DynamoDB has it changed: on one attribute, and not to what it is', async () => {
    await start({ timeToLive: false });
    const refused = (message: string) => ({ name: 'ValidationException', message });
    await assert.rejects(setTimeToLive(false), refused('TimeToLive is already disabled'));
    const { TimeToLiveSpecification } = await setTimeToLive(true);
    assert.deepEqual(TimeToLiveSpecification, { Enabled: true, AttributeName: 'expiresAt' });
    await assert.rejects(setTimeToLive(true), refused('TimeToLive is already enabled'));
    for (const enabled of [true, false]) {
      await assert.rejects(
        setTimeToLive(enabled, 'until'),
        refused('TimeToLive is active on a different AttributeName: current AttributeName is expiresAt'),
      );
    }
    await setTimeToLive(false);
    assert.deepEqual(await timeToLive(), { TimeToLiveStatus: 'DISABLED' });
  });

  it('is not one of a table that does not exist', async () => {
    await start({});
    await assert.rejects(setTimeToLive(true, 'expiresAt', 'nowhere'), { name: 'ResourceNotFoundException' });
  });

  it('fails to be told where a test says so', async () => {
    await start({});
    table.choose = (operation) => (operation === 'DescribeTimeToLive' ? 'throttle' : undefined);
    await assert.rejects(timeToLive(), { name: 'ProvisionedThroughputExceededException' });
  });
});
