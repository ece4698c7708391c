import type { Connector } from './configuration.ts';

/** A parameter to be written. */
export interface WrittenParameter {
  /** Name below the stage's path: `apiKey`. */
  readonly name: string;
  readonly type: 'String' | 'SecureString';
  readonly value: string;
}

/** The parameters of a connector's configuration. */
export function parametersOf({ email, apiKey, senderName, templates }: Connector): WrittenParameter[] {
  return [
    { name: 'email', type: 'String', value: email },
    { name: 'apiKey', type: 'SecureString', value: apiKey },
    { name: 'senderName', type: 'String', value: senderName },
    { name: 'templates', type: 'String', value: escapeBraces(JSON.stringify(templates)) },
  ];
}

/**
 * Writes `{{` in a JSON text as `{\u007b`, which is the same JSON: Parameter Store refuses a value with `{{ }}` in it ("Parameter value
 * can't nest another parameter"), and every template has `{{code}}`. Outside of strings JSON never has `{{`.
 */
export function escapeBraces(json: string): string {
  return json.replaceAll('{{', '{\\u007b');
}
