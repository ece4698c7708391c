import type { IncomingMessage } from 'node:http';
import { asObject, type Fields, parseJson } from '../../lib/json.ts';
import { type FaultOrder, FaultOrderError, faultKinds, type Gate } from '../simulator/index.ts';
import { readBody } from '../simulator/request.ts';

const BODY_LIMIT_BYTES = 64 * 1024;

async function readOrder(request: IncomingMessage): Promise<Fields> {
  const body = await readBody(request, BODY_LIMIT_BYTES);
  if (body === undefined) throw new FaultOrderError(`A fault order is at most ${BODY_LIMIT_BYTES} bytes`);
  const value = parseJson(body);
  if (value === undefined) throw new FaultOrderError('The body is not JSON');
  const order = asObject(value);
  if (!order) throw new FaultOrderError('A fault order is an object with "fault"');
  return order;
}

/**
 * Passes a fault order on to a gate: `{"fault": ..., "gate"?: name, "times"?, "delayMs"?, "method"?, ...}`. Without
 * a name it is the first gate.
 * @returns the gate's name and what waits there now.
 * @throws FaultOrderError for an unknown gate or fault, or a wrong option.
 */
export async function orderFault(gates: readonly Gate[], request: IncomingMessage): Promise<object> {
  const { gate: name, ...order } = await readOrder(request);
  const gate = name === undefined ? gates[0] : gates.find((each) => each.name === name);
  if (!gate) {
    const known = gates.map((each) => each.name).join(', ');
    throw new FaultOrderError(`Unknown gate ${JSON.stringify(name)}; known are ${known}`);
  }
  // Anything may stand here: the gate checks it.
  gate.faults.order(order as unknown as FaultOrder);
  return { gate: gate.name, pending: gate.faults.pending };
}

/** What each gate still has to play, and every kind of fault there is. */
export function describeFaults(gates: readonly Gate[]): object {
  return {
    gates: gates.map(({ name, url, faults }) => ({ gate: name, url, pending: faults.pending })),
    kinds: faultKinds,
  };
}
