/** Stands in the bundle for the part of `@aws-sdk/client-eventbridge` that is used. */
import { type CallOptions, type ClientOptions, Command, JsonClient, type NamedCommand } from './client.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
export class PutEventsCommand extends Command {
  readonly operation = 'PutEvents';
}

/** EventBridge, whose host and variable are called `events` and `EVENTBRIDGE`. */
export class EventBridgeClient extends JsonClient {
  constructor(options?: ClientOptions) {
    super({ name: 'events', variable: 'EVENTBRIDGE', target: 'AWSEvents', version: '1.1' }, options);
  }

  override async send(
    { operation, input }: NamedCommand,
    { abortSignal }: CallOptions = {},
  ): Promise<object> {
    const entries = input['Entries'] as readonly { readonly Time?: Date }[];
    const timed = entries.map((entry) =>
      entry.Time ? { ...entry, Time: entry.Time.getTime() / 1000 } : entry,
    );
    return await this.call(operation, { ...input, Entries: timed }, abortSignal);
  }
}
