import type * as z from 'zod';
import { EVENT_SOURCE, EVENT_TYPES } from '../../lib/delivery/events.ts';
import { COMMAND_TYPE } from '../../lib/queue/command.ts';
import { COMMAND_DOCUMENT, COMMAND_EXAMPLE, EVENT_DOCUMENT, EVENT_MEANINGS, eventExample } from './events.ts';

type Schema = z.core.JSONSchema.BaseSchema;

/** The fields of a schema as a table: name with dots, type, whether it must be there, and what it means. */
const fieldTable = (schema: Schema) => `| field | type | required | meaning |
|---|---|---|---|
${rowsOf(schema, '').join('\n')}`;

function rowsOf({ properties = {}, required = [] }: Schema, prefix: string): string[] {
  return Object.entries(properties as Record<string, Schema>).flatMap(([name, field]) => {
    const cells = [
      `\`${prefix}${name}\``,
      typeOf(field),
      required.includes(name) ? 'yes' : '',
      field.description ?? '',
    ];
    return [
      `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`,
      ...rowsOf(field, `${prefix}${name}.`),
    ];
  });
}

/** A type in words: `string, 1 to 64 characters`. */
function typeOf({ const: only, anyOf, format, minLength = 0, maxLength, type }: Schema): string {
  if (only !== undefined) return `\`${only}\``;
  if (anyOf) return anyOf.map((part) => typeOf(part as Schema)).join(', or ');
  if (format === 'date-time') return 'date and time, RFC 3339';
  return maxLength === undefined ? `${type}` : `string, ${minLength} to ${maxLength} characters`;
}

const jsonBlock = (value: object) => `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;

/** docs/events/README.md: the command and the events to read, with examples. */
export const EVENTS_PAGE = `<!-- Written by npm run contracts from the schemas in lib/. Do not edit. -->

# Commands and events

Your own backend asks for a message by a command, and events tell it the status of the message. Over HTTP the same is
\`POST /sms/direct\` and \`GET /messages/{id}\`: [openapi.json](../openapi.json).

| file | |
|---|---|
| [${COMMAND_TYPE}.schema.json](${COMMAND_TYPE}.schema.json) | JSON Schema of the command |
| [delivery-event.schema.json](delivery-event.schema.json) | JSON Schema of the events, in EventBridge's envelope |

## The command \`${COMMAND_TYPE}\`

A [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md) event in JSON.

${fieldTable(COMMAND_DOCUMENT)}

Further fields are ignored; those of \`data.payload\` are values for the placeholders of the template. A field that is
\`null\` counts as absent. Times may be in any form of RFC 3339. The data may come as \`data_base64\` instead.

A command lives for ten minutes from its \`time\`, or until \`data.expiresAt\`, which is at most 24 hours after \`time\`. Then
it is not sent any more. A \`time\` more than five minutes in the future is refused.

### Example

${jsonBlock(COMMAND_EXAMPLE)}

### Where to put it

| way | what you send |
|---|---|
| queue \`smsaero-{stage}-commands\` (SQS) | the command as the body of the message |
| bus \`smsaero-{stage}\` (EventBridge) | the command as \`Detail\`, with \`DetailType\` \`${COMMAND_TYPE}\` and a \`Source\` of your own |
| a topic of yours (SNS, parameter \`commandTopicArn\`) | the command as the message |

\`\`\`sh
aws sqs send-message --queue-url "$(aws cloudformation describe-stacks --stack-name smsaero-prod --query "Stacks[0].Outputs[?OutputKey=='CommandQueueUrl'].OutputValue" --output text)" \\
  --message-body file://command.json
\`\`\`

A command is sent once. One that comes again with the same \`source\` and \`id\` within two days sends nothing; one with
other \`data\`, except \`expiresAt\`, is refused. While it cannot be sent (no money, no gate, a limit) it is tried again until
it expires. What has expired or can never be sent is moved to the dead-letter queue, with the attribute \`Reason\`.

## Events about deliveries

On the bus \`smsaero-{stage}\`, \`source\` \`${EVENT_SOURCE}\`. A rule with this pattern gets all of them:

${jsonBlock({ source: [EVENT_SOURCE] })}

| \`detail-type\` | |
|---|---|
${EVENT_TYPES.map((type) => `| \`${type}\` | ${EVENT_MEANINGS[type]} |`).join('\n')}

Each is published at least once: drop repeats by \`eventId\`. EventBridge does not keep their order: \`at\` tells it, and nothing follows
\`SmsDelivered\`, \`SmsUndelivered\` and \`SmsRejected\`. A message that a command asked for is known by \`command\`, one of
\`POST /sms/direct\` by the \`id\` of its answer.

### \`detail\`

${fieldTable(EVENT_DOCUMENT.properties?.['detail'] as Schema)}

### Example

${jsonBlock(eventExample('SmsDelivered'))}
`;
