import type * as z from 'zod';
import { EVENT_SOURCE, EVENT_TYPES } from '../../lib/delivery/events.ts';
import { COMMAND_TYPE } from '../../lib/queue/command.ts';
import { COMMAND_DOCUMENT, COMMAND_EXAMPLE, EVENT_DOCUMENT, EVENT_MEANINGS, eventExample } from './events.ts';

type Schema = z.core.JSONSchema.BaseSchema;

/** The longest line of the page, in characters. */
const MAX_LINE = 118;

/** An item of a list, in lines that are not too long. */
function item(text: string): string {
  const lines = ['-'];
  for (const word of text.match(/(?:`[^`]*`|[^\s`])+/g) ?? []) {
    const line = lines.at(-1) ?? '';
    if (line.length + 1 + word.length > MAX_LINE) lines.push(`  ${word}`);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join('\n');
}

/** The fields of a schema as a list: name with dots, type, whether it must be there, and what it means. */
const fieldList = (schema: Schema) => itemsOf(schema, '').join('\n');

function itemsOf({ properties = {}, required = [] }: Schema, prefix: string): string[] {
  return Object.entries(properties as Record<string, Schema>).flatMap(([name, field]) => {
    const type = `${typeOf(field)}${required.includes(name) ? '; required' : ''}`;
    return [
      item(`\`${prefix}${name}\` (${type}): ${field.description ?? ''}`),
      ...itemsOf(field, `${prefix}${name}.`),
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

Your backend asks for a message with a command. Events report the status of the message. Over HTTP, use
\`POST /sms/direct\` and \`GET /messages/{id}\`: [openapi.json](../openapi.json).

- [${COMMAND_TYPE}.schema.json](${COMMAND_TYPE}.schema.json): JSON Schema of the command
- [delivery-event.schema.json](delivery-event.schema.json): JSON Schema of the events, in the envelope of EventBridge

## The command \`${COMMAND_TYPE}\`

A [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md) event in JSON.

${fieldList(COMMAND_DOCUMENT)}

Other fields are ignored, except in \`data.payload\`: there they are values for the placeholders of the template. A field
that is \`null\` counts as absent. Times may be in any form of RFC 3339. Instead of \`data\` you can send \`data_base64\`.

A command is sent until ten minutes after its \`time\`. \`data.expiresAt\` sets another end, at most 24 hours after
\`time\`. A \`time\` more than five minutes in the future is refused.

### Example

${jsonBlock(COMMAND_EXAMPLE)}

### Send it

| way | what you send |
|---|---|
| SQS, queue \`smsaero-{stage}-commands\` | the command as the body of the message |
| EventBridge, bus \`smsaero-{stage}\` | the command as \`Detail\`, any \`Source\` |
| SNS, a topic of yours (parameter \`commandTopicArn\`) | the command as the message |

On EventBridge the \`DetailType\` is \`${COMMAND_TYPE}\`.

\`\`\`sh
QUEUE=$(aws cloudformation describe-stacks --stack-name smsaero-prod \\
  --query "Stacks[0].Outputs[?OutputKey=='CommandQueueUrl'].OutputValue" --output text)
aws sqs send-message --queue-url "$QUEUE" --message-body file://command.json
\`\`\`

A command is sent once. Within two days, a second command with the same \`source\` and \`id\` sends nothing. If its
\`data\` differ in more than \`expiresAt\`, it is refused.

While a command cannot be sent (no money, no gate, a limit), it is tried again until it expires. An expired command, or
one that can never be sent, is moved to the dead-letter queue with the attribute \`Reason\`.

## Events about deliveries

The bus \`smsaero-{stage}\` gets an event when the status of a message changes. A rule with this pattern matches all of
them:

${jsonBlock({ source: [EVENT_SOURCE] })}

${EVENT_TYPES.map((type) => item(`\`${type}\`: ${EVENT_MEANINGS[type]}`)).join('\n')}

Each event is published at least once. Drop repeats by \`eventId\`. EventBridge does not keep the order, so compare \`at\`.
Nothing follows \`SmsDelivered\`, \`SmsUndelivered\` and \`SmsRejected\`.

Find the message by \`command\` if a command asked for it, or by \`id\` if \`POST /sms/direct\` did.

### \`detail\`

${fieldList(EVENT_DOCUMENT.properties?.['detail'] as Schema)}

### Example

${jsonBlock(eventExample('SmsDelivered'))}
`;
