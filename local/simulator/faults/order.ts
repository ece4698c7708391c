import { ServiceError } from '../../../lib/errors.ts';
import { methodNames } from '../methods/index.ts';
import { type FaultName, type FaultOrder, faultKinds, kindOf } from './kinds.ts';

/** An order that a gate cannot carry out; the message says which part is wrong and what is possible. */
export class FaultOrderError extends ServiceError {
  override name = 'FaultOrderError';
}

/** A checked order with its defaults filled in. */
export type CheckedOrder = FaultOrder & { times: number; method: string };

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && !Number.isNaN(value);
}

function checkOption(name: string, option: string, value: unknown): void {
  const type = kindOf(name as FaultName).options?.[option];
  if (type === undefined) {
    const known = ['times', 'delayMs', 'method', ...Object.keys(kindOf(name as FaultName).options ?? {})];
    throw new FaultOrderError(`${name} has no option ${option}; it takes ${known.join(', ')}`);
  }
  const right = typeof type === 'string' ? typeof value === type : type.includes(value as string);
  if (!right) {
    throw new FaultOrderError(
      `${option} of ${name} must be ${typeof type === 'string' ? `a ${type}` : type.join(' or ')}`,
    );
  }
}

/**
 * Checks an order from anywhere, JSON included.
 * @param order what was asked for.
 * @param tls whether the gate speaks TLS.
 * @throws FaultOrderError for an unknown fault, method or option, a wrong value, or a TLS fault on a plain gate.
 */
export function checkOrder(order: unknown, tls: boolean): CheckedOrder {
  if (typeof order !== 'object' || order === null)
    throw new FaultOrderError('A fault order is an object with "fault"');
  const { fault, times = 1, delayMs, method = 'sms/send', ...options } = order as Record<string, unknown>;
  if (typeof fault !== 'string' || !Object.hasOwn(faultKinds, fault)) {
    throw new FaultOrderError(
      `Unknown fault ${JSON.stringify(fault)}; known are ${Object.keys(faultKinds).join(', ')}`,
    );
  }
  const kind = kindOf(fault as FaultName);
  if (kind.tlsOnly && !tls)
    throw new FaultOrderError(`${fault} needs a gate that speaks TLS; this one speaks plain HTTP`);
  if (!isPositive(times) || times < 1 || !(Number.isInteger(times) || times === Infinity)) {
    throw new FaultOrderError('times must be a whole number, 1 or more');
  }
  if (delayMs !== undefined && !(isPositive(delayMs) && delayMs <= 600_000)) {
    throw new FaultOrderError('delayMs must be milliseconds from 0 to 600000');
  }
  if (typeof method !== 'string' || (method !== '*' && !methodNames.includes(method))) {
    throw new FaultOrderError(
      `Unknown method ${JSON.stringify(method)}; known are *, ${methodNames.join(', ')}`,
    );
  }
  if (kind.sendOnly && !/^(sms|telegram)\/(test)?send$/.test(method)) {
    throw new FaultOrderError(`${fault} is for sms/send, telegram/send and their test modes only`);
  }
  for (const [option, value] of Object.entries(options)) checkOption(fault, option, value);
  return { ...options, fault, times, method, ...(delayMs === undefined ? {} : { delayMs }) } as CheckedOrder;
}
