import { EVENT_TYPES } from '../../lib/delivery/events.ts';

const REGION = { region: { default: 'eu-central-1', description: 'AWS region of the deployment.' } };

/** The brokers, at AWS's public endpoints. */
export const SERVERS = {
  sqs: {
    host: 'sqs.{region}.amazonaws.com',
    protocol: 'sqs',
    description: 'Amazon SQS.',
    variables: REGION,
  },
  events: {
    host: 'events.{region}.amazonaws.com',
    protocol: 'eventbridge',
    description: 'Amazon EventBridge.',
    variables: REGION,
  },
  sns: { host: 'sns.{region}.amazonaws.com', protocol: 'sns', description: 'Amazon SNS.', variables: REGION },
};

const STAGE = { stage: { default: 'prod', description: 'Stage of the deployment.' } };

const on = (server: keyof typeof SERVERS) => [{ $ref: `#/servers/${server}` }];

const messages = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]));

/** Where commands come in and events go out. */
export const CHANNELS = {
  commandQueue: {
    address: 'smsaero-{stage}-commands',
    title: 'Queue of commands',
    description:
      'The output `CommandQueueUrl` of the deployment is its URL. A command lives there for a day at most.',
    servers: on('sqs'),
    parameters: STAGE,
    messages: messages(['command']),
  },
  commandBus: {
    address: 'smsaero-{stage}',
    title: 'Bus, for commands',
    description: 'A rule puts every event with this `detail-type` into the queue, whatever its `source`.',
    servers: on('events'),
    parameters: STAGE,
    messages: messages(['commandOnBus']),
  },
  commandTopic: {
    address: null,
    title: 'Your topic',
    description:
      'A topic of your own that the queue is subscribed to: the parameter `commandTopicArn`. With or without raw delivery.',
    servers: on('sns'),
    messages: messages(['command']),
  },
  deliveryBus: {
    address: 'smsaero-{stage}',
    title: 'Bus, for events',
    description:
      'Each change of a delivery is published at least once, and repeats have the same `eventId`. EventBridge does not keep the order: `at` tells it.',
    servers: on('events'),
    parameters: STAGE,
    messages: messages(EVENT_TYPES),
  },
} as const;

const operation = (
  channel: keyof typeof CHANNELS,
  action: 'send' | 'receive',
  tag: string,
  texts: { readonly title: string; readonly summary: string },
) => ({
  action,
  channel: { $ref: `#/channels/${channel}` },
  ...texts,
  tags: [{ name: tag }],
  messages: Object.keys(CHANNELS[channel].messages).map((name) => ({
    $ref: `#/channels/${channel}/messages/${name}`,
  })),
});

/** What the service does there. */
export const OPERATIONS = {
  receiveCommandFromQueue: operation('commandQueue', 'receive', 'commands', {
    title: 'Command from the queue',
    summary: 'Sends the message that the command asks for, once.',
  }),
  receiveCommandFromBus: operation('commandBus', 'receive', 'commands', {
    title: 'Command from the bus',
    summary: 'The same, by way of a rule and the queue.',
  }),
  receiveCommandFromTopic: operation('commandTopic', 'receive', 'commands', {
    title: 'Command from a topic',
    summary: 'The same, by way of a subscription and the queue.',
  }),
  publishDeliveryEvent: operation('deliveryBus', 'send', 'deliveries', {
    title: 'Event about a delivery',
    summary: 'Tells what became of a message.',
  }),
};
