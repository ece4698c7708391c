import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  ADDRESS_NOTICES_KEY,
  type AddressNotice,
  readAddressNotices,
} from '../../lib/guard/address-notices.ts';
import { PATIENT } from '../aws/client.ts';
import { explain } from '../explain.ts';
import { formatDuration } from '../format.ts';
import { type Finding, findingsOf } from './finding.ts';

const CHECK = 'client addresses';

/** Looks whether the functions have noted client addresses that they could not count. */
export async function examineAddresses(stage: string): Promise<Finding[]> {
  const of = findingsOf(CHECK);
  try {
    const command = new GetItemCommand({
      TableName: `smsaero-${stage}`,
      Key: { pk: { S: ADDRESS_NOTICES_KEY } },
    });
    const { Item } = await new DynamoDBClient(PATIENT).send(command);
    const now = Date.now();
    return judgeAddresses(readAddressNotices(Item, now), now);
  } catch (error) {
    return [of.skip(`the notices in the table cannot be read: ${explain(error)}`)];
  }
}

/** What is to be said of the notices of the last day. @param now ms of the Unix epoch */
export function judgeAddresses(notices: readonly AddressNotice[], now: number): Finding[] {
  const of = findingsOf(CHECK);
  if (notices.length === 0) {
    return [of.pass('none in the last 24 hours that could not be counted')];
  }
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
