import { createHash } from 'node:crypto';

/** An attribute of a message, as AWS JSON writes it: bytes in base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

/** The attributes of a message by name. */
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** A message as it lies in a queue. */
export interface QueueMessage {
  readonly messageId: string;
  readonly body: string;
  readonly messageAttributes: MessageAttributes;
  /** When it was sent, in ms of the Unix epoch. */
  readonly sentAt: number;
  /** How often it was received. */
  readonly receiveCount: number;
  /** When it was first received, in ms of the Unix epoch. */
  readonly firstReceivedAt: number | undefined;
}

/** A message that was received, with what deletes it. */
export type ReceivedMessage = QueueMessage & { readonly receiptHandle: string };

/** How many messages a queue has: those that can be received, those that were, and those that are not due yet. */
export interface Depth {
  readonly visible: number;
  readonly notVisible: number;
  readonly delayed: number;
}

/** What a message is sent with. */
export interface SendOptions {
  readonly messageAttributes?: MessageAttributes;
  readonly delaySeconds?: number;
}

/** MD5 of a text or bytes, in hex. */
export function md5(data: string | Buffer): string {
  return createHash('md5').update(data).digest('hex');
}

/** MD5 of attributes as SQS calculates it (Developer Guide, "Calculating the MD5 message digest for message attributes"). */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const withLength = (data: string | Buffer) => {
    const bytes = Buffer.from(data as string);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const parts = names.map((name) => {
    const { DataType, StringValue, BinaryValue } = attributes[name] as MessageAttribute;
    const isBinary = BinaryValue !== undefined;
    return Buffer.concat([
      withLength(name),
      withLength(DataType),
      Buffer.of(isBinary ? 2 : 1),
      withLength(isBinary ? Buffer.from(BinaryValue, 'base64') : (StringValue ?? '')),
    ]);
  });
  return md5(Buffer.concat(parts));
}

/** Bytes of a message that count towards its largest size: body, and names, types and values of its attributes. */
export function sizeOf(body: string, attributes: MessageAttributes): number {
  return Object.entries(attributes).reduce(
    (size, [name, { DataType, StringValue = '', BinaryValue = '' }]) =>
      size + Buffer.byteLength(name + DataType + StringValue) + Buffer.byteLength(BinaryValue, 'base64'),
    Buffer.byteLength(body),
  );
}

/** What SQS itself knows of a message, as texts: `ReceiveMessage` gives what is asked for, Lambda all of it. */
export function systemAttributes(message: QueueMessage) {
  const { receiveCount, sentAt, firstReceivedAt } = message;
  return {
    ApproximateReceiveCount: String(receiveCount),
    SentTimestamp: String(sentAt),
    SenderId: 'AROALOCAL:local',
    ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
  };
}
