import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  ResourceNotFoundException,
  type TableDescription,
  type TimeToLiveDescription,
} from '@aws-sdk/client-dynamodb';
import { DUE_INDEX } from '../../lib/delivery/due.ts';
import {
  ADDRESS_NOTICES_KEY,
  type AddressNotice,
  readAddressNotices,
} from '../../lib/guard/address-notices.ts';
import { CLIENT_TIMEOUTS } from '../aws/client.ts';
import { explain, remedyFor } from '../explain.ts';
import { formatDuration } from '../format.ts';
import { deployCommand } from '../stage-options.ts';
import { type Finding, findingsOf } from './finding.ts';

export async function examineTable(stage: string): Promise<Finding[]> {
  const name = `smsaero-${stage}`;
  const of = findingsOf('table');
  const client = new DynamoDBClient(CLIENT_TIMEOUTS);
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: name }));
    return judgeTable(name, stage, Table ?? {}, TimeToLiveDescription ?? {});
  } catch (error) {
    return error instanceof ResourceNotFoundException
      ? [of.fail(`${name} does not exist`, deployCommand(stage))]
      : [
          of.fail(
            explain(error),
            remedyFor(error, `dynamodb:DescribeTable and dynamodb:DescribeTimeToLive on ${name}`),
          ),
        ];
  }
}

/** What is to be said of a table as DynamoDB describes it: one finding if all is as infra/table.yml has it. */
export function judgeTable(
  name: string,
  stage: string,
  table: TableDescription,
  timeToLive: TimeToLiveDescription,
): Finding[] {
  const of = findingsOf('table');
  const lives = ['ENABLED', 'ENABLING'].includes(timeToLive.TimeToLiveStatus ?? '');
  const index = table.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === DUE_INDEX);
  const stream = table.StreamSpecification;
  const hasStream = stream?.StreamEnabled && stream.StreamViewType === 'NEW_AND_OLD_IMAGES';
  const unless = (isRight: boolean | undefined, problem: string) =>
    isRight ? [] : [of.fail(`${name} ${problem}`, deployCommand(stage))];
  const problems = [
    ...unless(table.TableStatus === 'ACTIVE', `is ${table.TableStatus ?? 'in no known state'}`),
    ...unless(
      lives && timeToLive.AttributeName === 'expiresAt',
      'has no time to live on expiresAt: it grows without end',
    ),
    ...unless(hasStream, 'has no stream of new and old images: nobody is notified of deliveries'),
    ...(index
      ? unless(index.IndexStatus === 'ACTIVE', `has an index ${DUE_INDEX} that is ${index.IndexStatus}`)
      : unless(false, `has no index ${DUE_INDEX}: deliveries without a report stay open`)),
  ];
  return problems.length > 0 ? problems : [of.pass(`${name}, with time to live, stream and index`)];
}

const ADDRESSES = 'client addresses';

/** Looks whether the functions have noted client addresses that they could not count. */
export async function examineAddresses(stage: string): Promise<Finding[]> {
  const of = findingsOf(ADDRESSES);
  try {
    const command = new GetItemCommand({
      TableName: `smsaero-${stage}`,
      Key: { pk: { S: ADDRESS_NOTICES_KEY } },
    });
    const { Item } = await new DynamoDBClient(CLIENT_TIMEOUTS).send(command);
    const now = Date.now();
    return judgeAddresses(readAddressNotices(Item, now), now);
  } catch (error) {
    return [of.skip(`the notices in the table cannot be read: ${explain(error)}`)];
  }
}

/** What is to be said of the notices of the last day. @param now ms of the Unix epoch */
export function judgeAddresses(notices: readonly AddressNotice[], now: number): Finding[] {
  const of = findingsOf(ADDRESSES);
  if (notices.length === 0) return [of.pass('all of the last 24 hours could be counted')];
  return notices.map(({ platform, problem, seenAt }) => {
    const ago = formatDuration(Math.max(0, now - seenAt * 1000));
    const kind = problem === 'private' ? 'that are private' : 'that cannot be read';
    return of.warn(
      `${platform} gives addresses ${kind} (${ago} ago): the limit by address does not hold for those messages`,
      platform === 'logto'
        ? 'set TRUST_PROXY_HEADER=1 in Logto, and have its proxy pass X-Forwarded-For on'
        : "pass the address of the person's device as `ip`, one IPv4 or IPv6 address",
    );
  });
}
