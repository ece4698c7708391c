import { randomUUID } from 'node:crypto';
import { AwsError, type Input, type TextAnswer } from '../aws-json.ts';
import { queryCode } from './errors.ts';
import type { MessageAttribute } from './message.ts';

/** What of SQS's older protocol is there: enough to send and to look from a terminal. */
const ACTIONS = new Set(['SendMessage', 'ReceiveMessage', 'DeleteMessage']);
const XMLNS = 'http://queue.amazonaws.com/doc/2012-11-05/';

/** The fields of a form as the JSON input of the same operation. */
function inputOf(fields: URLSearchParams, queueUrl: string): Input {
  const input: Record<string, unknown> = { QueueUrl: queueUrl };
  const lists = new Map<string, string[]>();
  const attributes: Record<string, Partial<Record<string, string>>> = {};
  for (const [name, value] of fields) {
    const [, list, index, rest] = /^(\w+)\.(\d+)(?:\.([\w.]+))?$/.exec(name) ?? [];
    if (!list || !index) input[name] = value;
    else if (rest === undefined) lists.set(list, [...(lists.get(list) ?? []), value]);
    else if (list === 'MessageAttribute') {
      attributes[index] = { ...attributes[index], [rest.replace(/^Value\./, '')]: value };
    }
  }
  for (const [name, values] of lists) input[`${name}s`] = values;
  const named = Object.values(attributes).map(({ Name = '', ...attribute }) => [Name, attribute]);
  return { ...input, MessageAttributes: Object.fromEntries(named) };
}

const escaped = (text: string) => text.replace(/[&<>"'\r]/g, (character) => `&#${character.charCodeAt(0)};`);
const element = (name: string, content: string) => `<${name}>${content}</${name}>`;
const fields = (values: object) =>
  Object.entries(values)
    .map(([name, value]) => element(name, escaped(String(value))))
    .join('');

function resultOf(output: object): string {
  const { Messages, ...rest } = output as { Messages?: readonly Record<string, unknown>[] };
  const messages = (Messages ?? []).map(({ Attributes = {}, MessageAttributes = {}, ...message }) => {
    const system = Object.entries(Attributes as object).map(([Name, Value]) =>
      element('Attribute', fields({ Name, Value })),
    );
    const attributes = Object.entries(MessageAttributes as Record<string, MessageAttribute>).map(
      ([Name, value]) => element('MessageAttribute', fields({ Name }) + element('Value', fields(value))),
    );
    return element('Message', [fields(message), ...system, ...attributes].join(''));
  });
  return fields(rest) + messages.join('');
}

const answer = (status: number, root: string, content: string): TextAnswer => ({
  status,
  contentType: 'text/xml',
  body: `<?xml version="1.0"?>\n<${root} xmlns="${XMLNS}">${content}</${root}>\n`,
});

/**
 * Answers a form of SQS's query protocol in XML.
 *
 * @param run runs the operation
 */
export async function answerQuery(
  form: URLSearchParams,
  queueUrl: string,
  run: (operation: string, input: Input) => object | Promise<object> | undefined,
): Promise<TextAnswer> {
  const action = form.get('Action') ?? '';
  const RequestId = fields({ RequestId: randomUUID() });
  try {
    const output = ACTIONS.has(action) ? await run(action, inputOf(form, queueUrl)) : undefined;
    if (!output) throw new AwsError('InvalidAction', `The action ${action} is not valid for this endpoint.`);
    const result = resultOf(output);
    const content = `${result && element(`${action}Result`, result)}${element('ResponseMetadata', RequestId)}`;
    return answer(200, `${action}Response`, content);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const { status, type, message } = error;
    const details = { Type: status < 500 ? 'Sender' : 'Receiver', Code: queryCode(type), Message: message };
    return answer(status, 'ErrorResponse', element('Error', `${fields(details)}<Detail/>`) + RequestId);
  }
}
