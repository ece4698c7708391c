/** Stands in the bundle for the part of `@aws-sdk/client-sqs` that is used. */
import { type ClientOptions, Command, JsonClient } from './client.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
export class SendMessageCommand extends Command {
  readonly operation = 'SendMessage';
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html */
export class ChangeMessageVisibilityCommand extends Command {
  readonly operation = 'ChangeMessageVisibility';
}

/** SQS. */
export class SQSClient extends JsonClient {
  constructor(options?: ClientOptions) {
    super({ name: 'sqs', target: 'AmazonSQS', version: '1.0' }, options);
  }
}
