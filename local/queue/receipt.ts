import { receiptHandleIsInvalid } from './errors.ts';

/** What a receipt handle says; to its holder it is opaque. */
interface Receipt {
  readonly messageId: string;
  readonly receipt: string;
}

/** A handle for one receipt of a message. */
export function makeHandle(queueArn: string, { messageId, receipt }: Receipt): string {
  return Buffer.from(`${queueArn} ${messageId} ${receipt}`).toString('base64');
}

/**
 * Reads what `makeHandle` made.
 *
 * @throws AwsError `ReceiptHandleIsInvalid` for any other text, and for another queue's
 */
export function readHandle(queueArn: string, handle: string): Receipt {
  const [arn, messageId, receipt] = Buffer.from(handle, 'base64').toString('utf8').split(' ');
  if (arn !== queueArn || !messageId || !receipt) throw receiptHandleIsInvalid(handle);
  return { messageId, receipt };
}
