import type { ConnectionFault, FaultOrder, RequestFault } from './kinds.ts';
import { kindOf } from './kinds.ts';
import { type CheckedOrder, checkOrder } from './order.ts';

/** A request that a fault may be played on. */
export interface FaultRequest {
  /** Name of the gate. */
  gate: string;
  /** API method, `sms/send`. */
  method: string;
  /** Requests that this gate has read, this one included. */
  sequence: number;
  number: string;
  text: string;
  from: string;
}

/** A connection that a fault may be played on. */
export interface FaultConnection {
  /** Name of the gate. */
  gate: string;
  /** Connections that this gate has had, this one included. */
  sequence: number;
}

/** The faults of one gate. Orders come first, in their order; then the two hooks are asked. */
export class FaultQueue {
  /** Picks a fault for a request that no order is due for, from a random plan with a seed for instance. */
  choose: ((request: FaultRequest) => RequestFault | undefined) | undefined;
  /** Picks a fault for a new connection that no order is due for. */
  chooseConnection: ((connection: FaultConnection) => ConnectionFault | undefined) | undefined;
  readonly #gate: { name: string; tls: boolean };
  #orders: CheckedOrder[] = [];
  #connections = 0;
  #requests = 0;

  /** @param gate its name, and whether it speaks TLS. */
  constructor(gate: { name: string; tls: boolean }) {
    this.#gate = gate;
  }

  /**
   * Adds an order behind those that wait. Each matching request (or new connection) uses up one of its `times`.
   * @throws FaultOrderError when the order is unknown, malformed or impossible on this gate.
   */
  order(order: FaultOrder): void {
    this.#orders.push(checkOrder(order, this.#gate.tls));
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
    this.#connections += 1;
    const order = this.#take((waiting) => kindOf(waiting.fault).level === 'connection');
    if (order) return order as ConnectionFault;
    return this.chooseConnection?.({ gate: this.#gate.name, sequence: this.#connections });
  }

  /** The fault for a request that has just been read; the gate asks. */
  takeForRequest(request: Omit<FaultRequest, 'gate' | 'sequence'>): RequestFault | undefined {
    this.#requests += 1;
    const order = this.#take(
      ({ fault, method }) =>
        kindOf(fault).level === 'request' && (method === '*' || method === request.method),
    );
    if (order) return order as RequestFault;
    return this.choose?.({ gate: this.#gate.name, sequence: this.#requests, ...request });
  }

  #take(matches: (order: CheckedOrder) => boolean): CheckedOrder | undefined {
    const order = this.#orders.find(matches);
    if (!order) return undefined;
    order.times -= 1;
    if (order.times <= 0) this.#orders = this.#orders.filter((waiting) => waiting !== order);
    return order;
  }
}
