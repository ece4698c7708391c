import { type ConnectionFault, type FaultOrder, faultKinds, type RequestFault } from './kinds.ts';
import { type CheckedOrder, checkOrder } from './order.ts';

/** A request that a fault may be played on. */
export interface FaultRequest {
  /** API method, `sms/send`. */
  method: string;
  /** Recipient as it was sent. */
  number: string;
}

/** What goes wrong at one gate: orders, each for a number of requests or connections, then what the hooks choose. */
export class FaultQueue {
  /** Asked for a request that no order strikes. */
  choose: ((request: FaultRequest) => RequestFault | undefined) | undefined;
  /** Asked for a connection that no order strikes. */
  chooseConnection: (() => ConnectionFault | undefined) | undefined;
  readonly #tls: boolean;
  #orders: CheckedOrder[] = [];

  /** @param tls whether the gate speaks TLS */
  constructor(tls: boolean) {
    this.#tls = tls;
  }

  /**
   * Adds an order behind those that wait. Each matching request (or new connection) uses up one of its `times`.
   * @throws FaultOrderError when the order is unknown, malformed or impossible on this gate.
   */
  order(order: FaultOrder): void {
    this.#orders.push(checkOrder(order, this.#tls));
  }

  /** Forgets all orders; the hooks stay. */
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

  /** The fault for a connection that has just been made; the gate asks. */
  takeForConnection(): ConnectionFault | undefined {
    const order = this.#take(({ fault }) => faultKinds[fault].level === 'connection');
    return (order as ConnectionFault | undefined) ?? this.chooseConnection?.();
  }

  /** The fault for a request that has just been read; the gate asks. */
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
