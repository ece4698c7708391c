import * as z from 'zod';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';

/**
 * The envelope of an EventBridge event, as the target of a rule gets it; who puts one on a bus gives `detail-type`, `source` and `detail`
 * (https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html).
 */
const envelope = z.object({
  version: z.literal('0').describe('Version of the envelope.'),
  id: z.string().describe("EventBridge's own id of this event."),
  account: z.string().describe('AWS account that put the event on the bus.'),
  time: z.iso.datetime().describe('When the event came about, in whole seconds.'),
  region: z.string().describe('AWS region of the bus.'),
  resources: z.array(z.string()).describe('ARNs; none in the events of this service.'),
});

const ENVELOPE = jsonSchemaOf(envelope);

/**
 * The JSON Schema of an EventBridge event.
 *
 * @param types its possible `detail-type`
 * @param source its `source`; any if undefined
 */
export function eventBridgeSchema(
  types: readonly string[],
  source: string | undefined,
  detail: JsonSchema,
): JsonSchema {
  const [only] = types;
  return {
    ...ENVELOPE,
    properties: {
      'detail-type': {
        type: 'string',
        ...(types.length === 1 ? { const: only } : { enum: types }),
        description: 'Kind of the event.',
      },
      source: {
        type: 'string',
        ...(source === undefined ? {} : { const: source }),
        description: source === undefined ? 'Who put the event on the bus.' : 'This service.',
      },
      detail,
      ...ENVELOPE.properties,
    },
    required: ['detail-type', 'source', 'detail', ...(ENVELOPE.required ?? [])],
  };
}

/** An event in its envelope, for examples: account and region are made up. */
export function inEnvelope(type: string, source: string, time: string, detail: object): object {
  return {
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': type,
    source,
    account: '123456789012',
    time,
    region: 'eu-central-1',
    resources: [],
    detail,
  };
}
