import { ServiceError } from '../../../lib/errors.ts';
import type { Fields } from '../../../lib/json.ts';
import { methodNames } from '../methods.ts';
import { type ConnectionFault, type FaultOrder, faultKinds, type Kind, type RequestFault } from './kinds.ts';

/** An order that a gate cannot carry out; the message says which part is wrong and what is possible. */
export class FaultOrderError extends ServiceError {
  override name = 'FaultOrderError';
}

/** A checked order with its defaults filled in. */
type CheckedOrder = FaultOrder & { times: number; method: string };

/** A request that a fault may be played on: the API method, and the recipient as it was sent. */
type FaultRequest = Readonly<Record<'method' | 'number', string>>;

/** What goes wrong at one gate: orders, each for a number of requests or connections, then what the hooks choose. */
export class FaultQueue {
  /** Asked for a request that no order strikes. */
  choose: ((request: FaultRequest) => RequestFault | undefined) | undefined;
  /** Asked for a connection that no order strikes. */
  chooseConnection: (() => ConnectionFault | undefined) | undefined;
  readonly #tls: boolean;
  #orders: CheckedOrder[] = [];

  constructor(tls: boolean) {
    this.#tls = tls;
  }

  /** Adds an order. Each matching request (or new connection) uses up one of its `times`. @throws FaultOrderError */
  order(order: FaultOrder): void {
    this.#orders.push(checkOrder(order, this.#tls));
  }

  clearOrders(): void {
    this.#orders = [];
  }

  /** Forgets all orders and both hooks. */
  clear(): void {
    this.clearOrders();
    this.choose = undefined;
    this.chooseConnection = undefined;
  }

  /** Orders that still wait, with the times that are left. */
  get pending(): readonly CheckedOrder[] {
    return this.#orders.map((order) => ({ ...order }));
  }

  takeForConnection(): ConnectionFault | undefined {
    const order = this.#take(({ fault }) => faultKinds[fault].level === 'connection');
    return (order as ConnectionFault | undefined) ?? this.chooseConnection?.();
  }

  takeForRequest(request: FaultRequest): RequestFault | undefined {
    const order = this.#take(
      ({ fault, method }) =>
        faultKinds[fault].level === 'request' && (method === '*' || method === request.method),
    );
    return (order as RequestFault | undefined) ?? this.choose?.(request);
  }

  #take(matches: (order: CheckedOrder) => boolean): CheckedOrder | undefined {
    const order = this.#orders.find(matches);
    if (!order) return undefined;
    order.times -= 1;
    if (order.times <= 0) this.#orders = this.#orders.filter((waiting) => waiting !== order);
    return order;
  }
}

/** Checks an order from anywhere, JSON included. @throws FaultOrderError */
function checkOrder(order: object, tls: boolean): CheckedOrder {
  const { fault, times = 1, delayMs, method = 'sms/send', ...options } = order as Fields;
  const kind =
    Object.hasOwn(faultKinds, String(fault)) && (faultKinds as Record<string, Kind>)[String(fault)];
  if (!kind)
    refuse(`Unknown fault ${JSON.stringify(fault)}; known are ${Object.keys(faultKinds).join(', ')}`);
  if (kind.tlsOnly && !tls) refuse(`${fault} needs a gate that speaks TLS; this one speaks plain HTTP`);
  if (!(Number.isInteger(times) || times === Infinity) || (times as number) < 1) {
    refuse('times must be a whole number, 1 or more');
  }
  if (delayMs !== undefined && !(typeof delayMs === 'number' && delayMs >= 0 && delayMs <= 600_000)) {
    refuse('delayMs must be milliseconds from 0 to 600000');
  }
  if (method !== '*' && !methodNames.includes(String(method))) {
    refuse(`Unknown method ${JSON.stringify(method)}; known are *, ${methodNames.join(', ')}`);
  }
  for (const [option, value] of Object.entries(options)) {
    const type = kind.options[option];
    const known = ['times', 'delayMs', 'method', ...Object.keys(kind.options)];
    if (type === undefined) refuse(`${fault} has no option ${option}; it takes ${known.join(', ')}`);
    const isRight = typeof type === 'string' ? typeof value === type : type.includes(value as string);
    const right = typeof type === 'string' ? `a ${type}` : type.join(' or ');
    if (!isRight) refuse(`${option} of ${fault} must be ${right}`);
  }
  return { ...options, fault, times, method, ...(delayMs === undefined ? {} : { delayMs }) } as CheckedOrder;
}

function refuse(reason: string): never {
  throw new FaultOrderError(reason);
}
