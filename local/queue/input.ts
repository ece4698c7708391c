import type { Input } from '../aws-json.ts';
import { invalidMessageContents, invalidParameter, invalidValue, missingParameter } from './errors.ts';
import { type MessageAttribute, type MessageAttributes, sizeOf } from './message.ts';

/** Largest message and largest batch, bytes (SQS quotas, since August 2025). */
export const MAX_BYTES = 1_048_576;

/** A text that must be there. */
export function requiredText(input: Input, name: string): string {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  throw missingParameter(name);
}

/** An integer within bounds, if it is there. */
export function integer(
  input: Input,
  name: string,
  [least, most]: readonly [number, number],
  reason = `Must be >= ${least} and <= ${most}, if provided.`,
): number | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw invalidParameter(name, value, reason);
}

/** A list of texts, empty unless told. */
export function texts(input: Input, name: string): string[] {
  const value = input[name] ?? [];
  if (Array.isArray(value) && value.every((text) => typeof text === 'string')) return value;
  throw invalidParameter(name, value, 'Must be a list of strings.');
}

/** What a message is sent with: body, attributes, delay. */
export function messageToSend(input: Input) {
  const body = requiredText(input, 'MessageBody');
  // #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF (API Reference, SendMessage)
  if (!/^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u.test(body)) {
    throw invalidMessageContents();
  }
  const messageAttributes = attributesOf(input);
  const size = sizeOf(body, messageAttributes);
  if (size > MAX_BYTES) {
    throw invalidValue(
      `One or more parameters are invalid. Reason: Message must be shorter than ${MAX_BYTES} bytes.`,
    );
  }
  const delaySeconds = integer(input, 'DelaySeconds', [0, 900], 'DelaySeconds must be >= 0 and <= 900.') ?? 0;
  return { body, messageAttributes, delaySeconds };
}

function attributesOf(input: Input): MessageAttributes {
  const attributes = (input['MessageAttributes'] ?? {}) as MessageAttributes;
  const entries = Object.entries(attributes);
  if (entries.length > 10) {
    throw invalidValue(`Number of message attributes [${entries.length}] exceeds the allowed maximum [10].`);
  }
  for (const [name, attribute] of entries) checkAttribute(name, attribute);
  return attributes;
}

function checkAttribute(
  name: string,
  { DataType, StringValue, BinaryValue }: Partial<MessageAttribute>,
): void {
  if (!/^(?!aws\.|amazon\.)[\w-]+(\.[\w-]+)*$/i.test(name) || name.length > 256) {
    throw invalidValue(`The message attribute name '${name}' is invalid.`);
  }
  const [, kind] = /^(String|Number|Binary)(\..+)?$/.exec(DataType ?? '') ?? [];
  if (!kind) {
    throw invalidValue(
      `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  }
  if (!(kind === 'Binary' ? BinaryValue : StringValue)) {
    throw invalidValue(
      `Message (user) attribute '${name}' must contain a non-empty value of type '${kind}'.`,
    );
  }
}

/** Picks attributes by name, `prefix.*`, `.*` or `All`. */
export function pick<Value>(
  attributes: Readonly<Record<string, Value>>,
  names: readonly string[],
): Record<string, Value> {
  const isWanted = (name: string) =>
    names.some((wanted) =>
      wanted.endsWith('.*') ? name.startsWith(wanted.slice(0, -2)) : wanted === 'All' || wanted === name,
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isWanted(name)));
}
