import { randomUUID } from 'node:crypto';
import type { EventBridgeEvent } from 'aws-lambda';
import { parseObject } from '../../lib/json.ts';
import { ACCOUNT, arn, REGION } from '../aws-account.ts';
import { type AwsJsonServer, type Input, startAwsJson } from '../aws-json.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Address } from '../loopback.ts';
import { type Entry, entriesOf, errorOf } from './entry.ts';

/** An event as a rule's target gets it. */
export type Envelope = EventBridgeEvent<string, object>;

/** How an entry can fail while the call succeeds: what PutEvents asks its caller to try again. */
export type EntryFailure = 'ThrottlingException' | 'InternalFailure';

/** Sends events of one type on. */
export interface Rule {
  /** The whole `detail-type`. */
  readonly detailType: string;
  /** Bus whose events it takes, `default` unless told. */
  readonly bus?: string;
  /** Delivers an event; the call is answered afterwards, so that nobody has to wait for it. */
  deliver(envelope: Envelope): void | Promise<void>;
}

/** How the stand-in is started. */
export interface EventBusOptions extends Address {
  readonly rules?: readonly Rule[];
  /** Hears of each event, before the rules. */
  readonly onEvent?: (envelope: Envelope) => void;
  /** Picks what goes wrong with an entry. */
  readonly choose?: (entry: Entry) => EntryFailure | undefined;
  /** Time of the events, the machine's unless told. */
  readonly clock?: Clock;
}

/** A running stand-in. */
export interface EventBus extends AwsJsonServer {
  /** All events that it took, of whatever bus, in order. */
  readonly events: Envelope[];
  /** Picks what goes wrong with an entry; may be set at any time. */
  choose: ((entry: Entry) => EntryFailure | undefined) | undefined;
}

const MESSAGES: Readonly<Record<EntryFailure, string>> = {
  ThrottlingException: 'Rate exceeded.',
  InternalFailure: 'An internal failure occurred.',
};

const busOf = ({ EventBusName = 'default' }: Entry) => EventBusName.replace(/^arn:.*:event-bus\//, '');

/**
 * Starts EventBridge's PutEvents (JSON 1.1) for the real `@aws-sdk/client-eventbridge` with an `endpoint` or
 * `AWS_ENDPOINT_URL_EVENTBRIDGE`. As there, an event for a bus that does not exist is taken and goes nowhere.
 *
 * @throws the system's error when the port is in use
 */
export async function startEventBus(options: EventBusOptions = {}): Promise<EventBus> {
  const { rules = [], onEvent, clock = systemClock } = options;
  const events: Envelope[] = [];

  const put = async (entry: Entry) => {
    const failure = bus.choose?.(entry);
    if (failure) return { ErrorCode: failure, ErrorMessage: MESSAGES[failure] };
    const error = errorOf(entry);
    if (error) return error;
    const { Source = '', DetailType = '', Detail = '', Time, Resources = [] } = entry;
    const time = new Date(Time === undefined ? clock.now() : Time * 1000);
    const envelope: Envelope = {
      version: '0',
      id: randomUUID(),
      'detail-type': DetailType,
      source: Source,
      account: ACCOUNT,
      time: time.toISOString().replace(/\.\d+Z$/, 'Z'),
      region: REGION,
      resources: [...Resources],
      detail: parseObject(Detail) ?? {},
    };
    events.push(envelope);
    onEvent?.(envelope);
    for (const { detailType, bus: name = 'default', deliver } of rules) {
      if (detailType === DetailType && name === busOf(entry)) await deliver(structuredClone(envelope));
    }
    return { EventId: envelope.id };
  };
  const putEvents = async (input: Input) => {
    const Entries: object[] = [];
    for (const entry of entriesOf(input)) Entries.push(await put(entry));
    return { FailedEntryCount: Entries.filter((result) => 'ErrorCode' in result).length, Entries };
  };
  const server = await startAwsJson({
    ...options,
    service: 'events',
    target: 'AWSEvents',
    serverError: 'InternalException',
    resource: () => arn('events', 'event-bus/default'),
    run: (operation, input) => (operation === 'PutEvents' ? putEvents(input) : undefined),
  });
  const bus: EventBus = { ...server, events, choose: options.choose };
  return bus;
}
