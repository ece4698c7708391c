import type { Message } from './message.ts';

/** What a method decided, before it is written. */
export interface Answer {
  status: number;
  /** The JSON that wraps every answer of SMS Aero API v2. */
  envelope: { success: boolean; data: unknown; message: string | null };
  headers?: Record<string, string>;
  /** By a method that sends. */
  accepted?: Message;
}

/** An answer as bytes to be. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Wrong fields of a request: `{"number":["incorrect"],"sign":["required"]}`. */
export type FieldErrors = Record<string, string[]>;

/** 200 with `success: true`. */
export function success(data: unknown, message: string | null = null): Answer {
  return { status: 200, envelope: { success: true, data, message } };
}

/** `success: false` with an HTTP status. */
export function failure(status: number, message: string, data: unknown = null): Answer {
  return { status, envelope: { success: false, data, message } };
}

/** 400 `Validation error.`, all wrong fields at once. */
export function invalidFields(errors: FieldErrors): Answer {
  return failure(400, 'Validation error.', errors);
}

export function unauthorized(): Answer {
  const answer = failure(401, 'Your request was made with invalid credentials.');
  return { ...answer, headers: { 'WWW-Authenticate': 'Basic realm="api"' } };
}

export function notEnoughMoney(): Answer {
  return failure(402, 'Not enough money');
}

/** An answer as it goes over the wire. */
export function toReply({ status, envelope, headers }: Answer): Reply {
  return jsonReply(status, envelope, headers);
}

/** Any JSON as it goes over the wire, envelope or not. */
export function jsonReply(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=UTF-8', ...headers },
    body: JSON.stringify(value),
  };
}
