import { ServiceError } from '../../../lib/errors.ts';
import type { Fields } from '../../../lib/json.ts';
import { methodNames } from '../methods.ts';
import { type FaultOrder, faultKinds, type Kind } from './kinds.ts';

/** An order that a gate cannot carry out; the message says which part is wrong and what is possible. */
export class FaultOrderError extends ServiceError {
  override name = 'FaultOrderError';
}

/** A checked order with its defaults filled in. */
export type CheckedOrder = FaultOrder & { times: number; method: string };

/**
 * Checks an order from anywhere, JSON included.
 * @param order what was asked for.
 * @param tls whether the gate speaks TLS.
 * @throws FaultOrderError for an unknown fault, method or option, a wrong value, or a TLS fault on a plain gate.
 */
export function checkOrder(order: object, tls: boolean): CheckedOrder {
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
