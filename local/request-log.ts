import { EventEmitter } from 'node:events';
import { asObject, type Fields, parseObject } from '../lib/json.ts';
import type { LaterEvent, RequestOutcome, ServiceRequest } from './page/contract.ts';

/** How many requests are kept. */
const KEPT = 1_000;

/** The longest answer that is kept, in characters. */
const MAX_ANSWER = 4_096;

/** What Powertools puts into each line beside the service's fields. */
const CONTEXT_FIELDS =
  /^(?:level|message|timestamp|service|cold_start|function_\w+|sampling_rate|xray_trace_id|ms)$/;

/** Lines that end a request without a message. */
export const REFUSAL_LINES: Readonly<Record<string, RequestOutcome>> = {
  'request refused': 'refused',
  'configuration unavailable': 'failed',
  'unexpected error': 'failed',
  'event not handled': 'failed',
};

/** A request that the API has answered. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  /** ms of the Unix epoch. */
  readonly at: number;
  readonly durationMs: number;
  readonly status: number;
  readonly requestId: string | undefined;
  readonly answer: string;
}

/** Functions behind the API: each line of theirs belongs to an answer. */
const HTTP_FUNCTION = /-(?:sms-hook|message-status|delivery-report)$/;

/** Every request that reached the service: the answer from the API, outcome and steps from the functions' log, later events from the bus. */
export class RequestLog {
  /**
   * `changed`: a new request, or more about one. `completed`: once a request, when both its answer and its line are there. `messageEnded`:
   * the service has answered for one, true if no gate could be reached.
   */
  readonly events = new EventEmitter<{
    changed: [ServiceRequest];
    completed: [ServiceRequest];
    messageEnded: [isUnavailable: boolean];
  }>();
  readonly #requests = new Map<string, ServiceRequest>();
  /** By id of the delivery; they may come before the request that they belong to. */
  readonly #later = new Map<string, readonly LaterEvent[]>();
  /** By request id: what the log says of a request whose answer is still to come. */
  readonly #unanswered = new Map<string, Partial<ServiceRequest>>();
  #count = 0;

  constructor() {
    this.events.setMaxListeners(0); // each page is one
  }

  /** Requests, newest first. */
  list(): ServiceRequest[] {
    return [...this.#requests.values()].reverse().map((request) => this.#withLater(request));
  }

  /** Takes an answer of the API. Reports of SMS Aero are shown as events of their messages: their paths are secret. */
  answered({ method, path, at, durationMs, status, requestId, answer }: Exchange): void {
    if (path.startsWith('/reports')) return;
    const isSend = method === 'POST' && path.startsWith('/sms/');
    const id = requestId ?? this.#nextId();
    const logged = this.#unanswered.get(id);
    this.#unanswered.delete(id);
    const request = this.#store(id, {
      outcome: isSend || status >= 400 ? outcomeOf(status) : 'answered',
      ...logged,
      at,
      source: `${method} ${path.split('?')[0]}`,
      requestId,
      status,
      durationMs,
      answer: answer.slice(0, MAX_ANSWER),
    });
    // What the API refuses by itself has no id and no line, and a question that is answered has no line.
    if (logged || !isSend || !requestId) this.events.emit('completed', request);
    if (isSend) this.events.emit('messageEnded', status === 503);
  }

  /** Takes a line that the functions printed; others than theirs are ignored. */
  line(text: string): void {
    const line = text.startsWith('{') ? parseObject(text) : undefined;
    const { message, function_request_id: requestId, deliveryId, state } = line ?? {};
    if (!line || typeof message !== 'string' || typeof requestId !== 'string') return;
    if (message === 'report' && typeof deliveryId === 'string') {
      this.#happened(deliveryId, { type: `report: ${String(state)}`, at: timeOf(line) });
    } else if (message === 'sms') {
      this.#ended(line, requestId, line['outcome']);
      this.events.emit('messageEnded', line['reason'] === 'unavailable');
    } else if (Object.hasOwn(REFUSAL_LINES, message)) {
      this.#ended(line, requestId, REFUSAL_LINES[message]);
    }
  }

  /** Takes an event of the bus. */
  event(type: string, detail: object): void {
    const { id, at } = detail as { id?: unknown; at?: unknown };
    if (typeof id === 'string') this.#happened(id, { type, at: Date.parse(String(at)) || Date.now() });
  }

  #ended(line: Fields, requestId: string, outcome: unknown): void {
    const fields = Object.fromEntries(Object.entries(line).filter(([name]) => !CONTEXT_FIELDS.test(name)));
    const ms = (asObject(line['ms']) ?? {}) as Record<string, number>;
    const logged = { outcome: outcome as RequestOutcome, fields, ms };
    const source = String(line['function_name']);
    const answered = this.#requests.get(requestId);
    if (!HTTP_FUNCTION.test(source)) {
      // A batch of the queue is one invocation for several messages.
      const at = timeOf(line) - (ms['total'] ?? 0);
      const name = source.replace(/^smsaero-[^-]+-/, '');
      const request = this.#store(this.#nextId(), { ...logged, at, source: name, requestId });
      this.events.emit('completed', request);
    } else if (answered) {
      const isAwaited = answered.source.startsWith('POST /sms/') && Object.keys(answered.fields).length === 0;
      const request = this.#store(requestId, logged);
      if (isAwaited) this.events.emit('completed', request);
    } else {
      this.#unanswered.set(requestId, logged);
      dropOldest(this.#unanswered);
    }
  }

  #happened(deliveryId: string, event: LaterEvent): void {
    const events = [...(this.#later.get(deliveryId) ?? []), event];
    this.#later.set(
      deliveryId,
      events.toSorted((one, other) => one.at - other.at),
    );
    dropOldest(this.#later);
    for (const request of this.#requests.values()) {
      if (request.fields['deliveryId'] === deliveryId) this.events.emit('changed', this.#withLater(request));
    }
  }

  #store(id: string, part: Partial<ServiceRequest>): ServiceRequest {
    const request = { ...EMPTY, ...this.#requests.get(id), ...part, id };
    this.#requests.set(id, request);
    dropOldest(this.#requests);
    this.events.emit('changed', this.#withLater(request));
    return request;
  }

  #withLater(request: ServiceRequest): ServiceRequest {
    return { ...request, events: this.#later.get(String(request.fields['deliveryId'])) ?? [] };
  }

  #nextId(): string {
    this.#count += 1;
    return String(this.#count);
  }
}

const EMPTY = { at: 0, source: 'POST /sms', outcome: 'answered', fields: {}, ms: {}, events: [] } as const;

const timeOf = ({ timestamp }: Fields): number => Date.parse(String(timestamp)) || Date.now();

function outcomeOf(status: number): RequestOutcome {
  if (status < 400) return 'accepted';
  if (status === 504) return 'unknown';
  return status < 500 ? 'refused' : 'failed';
}

function dropOldest(map: Map<string, unknown>): void {
  const [oldest] = map.size > KEPT ? map.keys() : [];
  if (oldest !== undefined) map.delete(oldest);
}
