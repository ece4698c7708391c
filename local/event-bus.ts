import { randomUUID } from 'node:crypto';
import type { EventBridgeEvent } from 'aws-lambda';
import { parseObject } from '../lib/json.ts';
import { ACCOUNT, type AwsJsonServer, constraint, type Input, REGION, startAwsJson } from './aws-json.ts';

/** An event as a rule's target gets it. */
export type Envelope = EventBridgeEvent<string, object>;

/** An entry of PutEvents. */
interface Entry {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  /** s of the Unix epoch. */
  readonly Time?: number;
  readonly Resources?: readonly string[];
}

/** How an entry can fail while the call succeeds: what PutEvents asks its caller to try again. */
type EntryFailure = 'ThrottlingException' | 'InternalFailure';

export interface EventBus extends AwsJsonServer {
  /** All events that it took, in order. */
  readonly events: Envelope[];
  choose: (() => EntryFailure | undefined) | undefined;
}

const MAX_ENTRIES = 10;

/**
 * Starts EventBridge's PutEvents for the unmodified `@aws-sdk/client-eventbridge` with an `endpoint` or
 * `AWS_ENDPOINT_URL_EVENTBRIDGE`. There is one bus, whatever its name.
 *
 * @param onEvent what a rule would do with each event
 */
export async function startEventBus(onEvent?: (envelope: Envelope) => void): Promise<EventBus> {
  const events: Envelope[] = [];
  const put = (entry: Entry) => {
    const failure = bus.choose?.();
    if (failure) return { ErrorCode: failure, ErrorMessage: 'Rate exceeded.' };
    const { Source, DetailType, Detail, Time = Date.now() / 1000, Resources = [] } = entry;
    const detail = parseObject(Detail);
    if (!detail) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    const envelope: Envelope = {
      version: '0',
      id: randomUUID(),
      'detail-type': DetailType,
      source: Source,
      account: ACCOUNT,
      time: new Date(Time * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
      region: REGION,
      resources: [...Resources],
      detail,
    };
    events.push(envelope);
    onEvent?.(envelope);
    return { EventId: envelope.id };
  };
  const putEvents = (input: Input) => {
    const entries = (input['Entries'] ?? []) as readonly Entry[];
    if (entries.length === 0 || entries.length > MAX_ENTRIES) {
      throw constraint('entries', '[...]', `Member must have 1 to ${MAX_ENTRIES} entries`);
    }
    const Entries = entries.map(put);
    return { FailedEntryCount: Entries.filter((result) => 'ErrorCode' in result).length, Entries };
  };
  const server = await startAwsJson({
    service: 'events',
    target: 'AWSEvents',
    serverError: 'InternalException',
    run: (operation, input) => (operation === 'PutEvents' ? putEvents(input) : undefined),
  });
  const bus: EventBus = { ...server, events, choose: undefined };
  return bus;
}
