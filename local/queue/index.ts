/** SQS on loopback, for the unmodified AWS SDK and for curl. */
export {
  type Depth,
  type MessageAttribute,
  type MessageAttributes,
  md5,
  md5OfAttributes,
  type QueueMessage,
  type ReceivedMessage,
  type SendOptions,
  systemAttributes,
} from './message.ts';
export type { Queue } from './queue.ts';
export { type Queues, type QueuesOptions, startQueues } from './server.ts';
