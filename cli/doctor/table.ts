import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
  type TimeToLiveDescription,
} from '@aws-sdk/client-dynamodb';
import { DUE_INDEX } from '../../lib/delivery/due.ts';
import { PATIENT } from '../aws/client.ts';
import { explain, remedyFor } from '../explain.ts';
import { deployCommand } from '../stage-options.ts';
import { type Finding, findingsOf } from './finding.ts';

/** Looks at the stage's table. */
export async function examineTable(stage: string): Promise<Finding[]> {
  const name = `smsaero-${stage}`;
  const of = findingsOf('table');
  const client = new DynamoDBClient(PATIENT);
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
  const problems = [
    ...(table.TableStatus === 'ACTIVE' ? [] : [`is ${table.TableStatus ?? 'in no known state'}`]),
    ...(lives && timeToLive.AttributeName === 'expiresAt'
      ? []
      : ['has no time to live on expiresAt: it grows without end']),
    ...(stream?.StreamEnabled && stream.StreamViewType === 'NEW_AND_OLD_IMAGES'
      ? []
      : ['has no stream of new and old images: nobody hears of deliveries']),
    ...(index ? [] : [`has no index ${DUE_INDEX}: deliveries without a report stay open`]),
    ...(index && index.IndexStatus !== 'ACTIVE'
      ? [`has an index ${DUE_INDEX} that is ${index.IndexStatus}`]
      : []),
  ];
  return problems.length > 0
    ? problems.map((problem) => of.fail(`${name} ${problem}`, deployCommand(stage)))
    : [of.pass(`${name}, with time to live, stream and index`)];
}
